import fc from 'fast-check'
import { expect, test } from 'vitest'
import { latencyClass, latencyQuantileMs } from '../../src/policy/latency.ts'

const durations = fc.array(fc.integer({ min: 1, max: 86_400_000 }), { minLength: 1, maxLength: 200 })
const parts = fc.double({ min: 0, max: 1, noNaN: true })

function countsOf(all: readonly number[]): number[] {
  const counts = Array<number>(Math.max(...all.map(latencyClass)) + 1).fill(0)
  for (const ms of all) counts[latencyClass(ms)]!++
  return counts
}

test('a quantile is within 12.3 % and half a millisecond of the attempt of that rank', () => {
  fc.assert(
    fc.property(durations, parts, (all, part) => {
      const exact = all.toSorted((one, other) => one - other)[Math.max(1, Math.ceil(part * all.length)) - 1]!
      const estimate = latencyQuantileMs(countsOf(all), part)!
      expect(Math.abs(estimate - exact)).toBeLessThanOrEqual(0.123 * exact + 0.5)
    }),
  )
})

test('a longer duration is never in a lower class', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 - 2 }), (ms) => {
      expect(latencyClass(ms + 1)).toBeGreaterThanOrEqual(latencyClass(ms))
    }),
  )
})

test.each([
  [0, 0],
  [1, 0],
  [2, 3],
  [1024, 30],
  [2 ** 31 - 1, 92],
])('%d ms are in class %d', (ms, expected) => {
  expect(latencyClass(ms)).toBe(expected)
})

test.each([1, 2, 3, 4])('%d ms are told as they are', (ms) => {
  expect(latencyQuantileMs(countsOf([ms]), 0.5)).toBe(ms)
})

test.each([[[]], [[0, 0]]])('of no attempts, counted as %j, there is no quantile', (counts) => {
  expect(latencyQuantileMs(counts, 0.5)).toBeNull()
})
