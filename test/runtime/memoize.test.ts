import { expect, test, vi } from 'vitest'
import { memoized } from '../../src/runtime/memoize.ts'

test('reads each text once', () => {
  const read = vi.fn((text: string) => ({ text }))
  const remembered = memoized(read)
  expect(remembered('a')).toBe(remembered('a'))
  expect(remembered('b')).toEqual({ text: 'b' })
  expect(read).toHaveBeenCalledTimes(2)
})

test('keeps no more texts than its limit', () => {
  const read = vi.fn((text: string) => text.length)
  const remembered = memoized(read, { texts: 2, characters: 100 })
  for (const text of ['a', 'b', 'c', 'c', 'a']) remembered(text)
  expect(read.mock.calls.flat()).toEqual(['a', 'b', 'c', 'a'])
})

test('keeps no more characters than its limit, and no text that has more alone', () => {
  const read = vi.fn((text: string) => text.length)
  const remembered = memoized(read, { texts: 100, characters: 5 })
  for (const text of ['aaa', 'bb', 'aaa', 'c', 'aaa', 'dddddd', 'dddddd']) remembered(text)
  expect(read.mock.calls.flat()).toEqual(['aaa', 'bb', 'c', 'aaa', 'dddddd', 'dddddd'])
})
