import { expect, test } from 'vitest'
import { matches } from '../../src/testing/matches.ts'

test.each<[expected: unknown, actual: unknown]>([
  [1, 1],
  [null, null],
  [{}, { a: 1 }],
  [{ a: { b: 1 } }, { a: { b: 1, c: 2 }, d: 3 }],
  [[{ a: 1 }], [{ a: 1, b: 2 }]],
  [{ a: expect.any(Number) }, { a: 5 }],
  [expect.arrayContaining([2]), [1, 2, 3]],
])('%j is matched by %j', (expected, actual) => {
  expect(matches(expected, actual)).toBe(true)
})

test.each<[expected: unknown, actual: unknown]>([
  [1, '1'],
  [null, undefined],
  [{}, null],
  [{}, []],
  [[], {}],
  [{ a: 1 }, { a: 2 }],
  [{ a: undefined }, { a: 1 }],
  [[1], [1, 2]],
  [[{ a: 1 }], [{ a: 2 }]],
  [{ a: expect.any(Number) }, { a: 'text' }],
])('%j is not matched by %j', (expected, actual) => {
  expect(matches(expected, actual)).toBe(false)
})
