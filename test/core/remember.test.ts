import { expect, test, vi } from 'vitest'
import { remembering } from '../../src/core/remember.ts'

test('reads each text once', () => {
  const read = vi.fn((text: string) => ({ text }))
  const remembered = remembering(read)
  expect(remembered('a')).toBe(remembered('a'))
  expect(remembered('b')).toEqual({ text: 'b' })
  expect(read).toHaveBeenCalledTimes(2)
})

test('keeps no more than its limit', () => {
  const read = vi.fn((text: string) => text.length)
  const remembered = remembering(read, 2)
  for (const text of ['a', 'b', 'c', 'c', 'a']) remembered(text)
  expect(read.mock.calls.flat()).toEqual(['a', 'b', 'c', 'a'])
})
