import fc from 'fast-check'
import { expect, test } from 'vitest'
import { prettyJson } from '../../../src/dashboard/view/json.ts'

test('JSON means the same on lines of its own, and is written as usual', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const normal = JSON.stringify(value, null, 2)
      expect(prettyJson(JSON.stringify(value))).toBe(normal)
      expect(prettyJson(normal)).toBe(normal)
    }),
  )
})

test('numbers and strings stay as they were written', () => {
  expect(prettyJson('{"id":12345678901234567890,"price":1.10,"text":"\\u0041 {[,:]} \\"","id":2}')).toBe(
    '{\n  "id": 12345678901234567890,\n  "price": 1.10,\n  "text": "\\u0041 {[,:]} \\"",\n  "id": 2\n}',
  )
})

test.each(['', 'text', '{', '{"a":1}x'])('what is no JSON is none: %j', (text) => {
  expect(prettyJson(text)).toBeNull()
})

test('what is nested without end costs no more than its length', () => {
  const deep = '['.repeat(4000) + ']'.repeat(4000)
  expect(prettyJson(deep)!.length).toBeLessThan(100 * deep.length)
})
