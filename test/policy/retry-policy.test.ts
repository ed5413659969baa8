import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type BackoffJitter, type RetryPolicy, retryDelayMs } from '../../src/policy/retry-policy.ts'

const policy = (more: Partial<RetryPolicy> = {}): RetryPolicy => ({
  maxAttempts: 100_000,
  baseMs: 1000,
  factor: 2,
  maxMs: 3_600_000,
  jitter: 'none',
  ...more,
})
const MAX_INT = 2_147_483_647
const ALMOST_ONE = 1 - Number.EPSILON / 2

/** Every policy that options and columns allow. */
const anyPolicy = fc.record<RetryPolicy>({
  maxAttempts: fc.integer({ min: 1, max: MAX_INT }),
  baseMs: fc.oneof(fc.constantFrom(0, 1, MAX_INT), fc.integer({ min: 0, max: MAX_INT })),
  factor: fc.oneof(fc.constantFrom(1, 2, 1000), fc.double({ min: 1, max: 1000, noNaN: true })),
  maxMs: fc.oneof(fc.constantFrom(0, 1, MAX_INT), fc.integer({ min: 0, max: MAX_INT })),
  jitter: fc.constantFrom<BackoffJitter>('full', 'equal', 'none'),
})
const anyFailures = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: MAX_INT }))
const anyRandom = fc.oneof(fc.constantFrom(0, ALMOST_ONE), fc.double({ min: 0, max: ALMOST_ONE, noNaN: true }))

test.each([
  [1, 1000],
  [2, 2000],
  [3, 4000],
  [12, 2_048_000],
  [13, 3_600_000],
  [100_000, 3_600_000],
])(
  'the wait before the next attempt after %i failed attempts is %i ms with the default backoff and no jitter',
  (failures, expected) => {
    expect(retryDelayMs(policy(), failures, () => 0.5)).toBe(expected)
  },
)

test.each([
  [1, 5000],
  [2, 300_000],
  [3, 20],
  [100_000, 20],
])(
  'the wait before the next attempt after %i failed attempts is %i ms of a list, whose last wait comes again and again',
  (failures, expected) => {
    const listed = policy({ delaysMs: [5000, 300_000, 20], maxMs: 10 })
    expect(retryDelayMs(listed, failures, () => 0.5)).toBe(expected)
    expect(retryDelayMs({ ...listed, jitter: 'equal' }, failures, () => 0)).toBe(expected / 2)
  },
)

test.each<[BackoffJitter, number, number]>([
  ['full', 0, 0],
  ['full', 0.25, 1000],
  ['full', ALMOST_ONE, 4000],
  ['equal', 0, 2000],
  ['equal', 0.25, 2500],
  ['equal', ALMOST_ONE, 4000],
  ['none', 0, 4000],
  ['none', ALMOST_ONE, 4000],
])(
  'the wait before the next attempt with jitter %s and the random number %d is %i of 4000 ms',
  (jitter, random, expected) => {
    expect(retryDelayMs(policy({ jitter }), 3, () => random)).toBe(expected)
  },
)

test('the wait before the next attempt is a whole number of milliseconds, not below zero and not above the maximum, for any policy', () => {
  fc.assert(
    fc.property(anyPolicy, anyFailures, anyRandom, (any, failures, random) => {
      const wait = retryDelayMs(any, failures, () => random)
      expect(Number.isSafeInteger(wait)).toBe(true)
      expect(wait).toBeGreaterThanOrEqual(0)
      expect(wait).toBeLessThanOrEqual(any.maxMs)
    }),
    { numRuns: 1000 },
  )
})

test('the wait before the next attempt stays within the bounds of its jitter', () => {
  fc.assert(
    fc.property(anyPolicy, anyFailures, anyRandom, (any, failures, random) => {
      const whole = retryDelayMs({ ...any, jitter: 'none' }, failures, () => random)
      const lowest = { full: 0, equal: Math.floor(whole / 2), none: whole }[any.jitter]
      const wait = retryDelayMs(any, failures, () => random)
      expect(wait).toBeGreaterThanOrEqual(lowest)
      expect(wait).toBeLessThanOrEqual(whole)
    }),
  )
})

test('the wait before the next attempt never shrinks as failures pile up', () => {
  fc.assert(
    fc.property(anyPolicy, anyFailures, anyRandom, (any, failures, random) => {
      const wait = retryDelayMs(any, failures, () => random)
      expect(retryDelayMs(any, failures + 1, () => random)).toBeGreaterThanOrEqual(wait)
    }),
  )
})

test('the wait before the next attempt is spread by the random number over all that its jitter allows', () => {
  for (const jitter of ['full', 'equal'] as const) {
    const waits = [0, 0.2, 0.4, 0.6, 0.8].map((random) => retryDelayMs(policy({ jitter }), 5, () => random))
    expect(new Set(waits).size).toBe(5)
    expect(waits).toEqual(waits.toSorted((one, other) => one - other))
  }
})

test('the wait before the next attempt of a policy without a base stays nothing, however often it failed', () => {
  expect(retryDelayMs(policy({ baseMs: 0 }), 100_000, () => 0.5)).toBe(0)
})
