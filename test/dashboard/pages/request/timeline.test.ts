import fc from 'fast-check'
import { expect, test } from 'vitest'
import { placed, stretchesOf, type TimelineFacts } from '../../../../src/dashboard/pages/request/timeline.ts'
import { ATTEMPT_OUTCOMES } from '../../../../src/policy/attempt.ts'
import { REQUEST_STATES } from '../../../../src/policy/request.ts'

/** Up to the ends of what a `Date` holds, and mostly near one another. */
const time = fc.oneof(fc.integer({ min: 0, max: 100_000 }), fc.constantFrom(-8.64e15, 8.64e15))
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null })

const lives: fc.Arbitrary<TimelineFacts> = fc
  .record({
    state: fc.constantFrom(...REQUEST_STATES),
    isBlocked: fc.boolean(),
    createdAtMs: time,
    runAtMs: time,
    finishedAtMs: maybe(time),
    claimedAtMs: maybe(time),
    nowMs: time,
    isCut: fc.boolean(),
    first: fc.integer({ min: 1, max: 50 }),
    attempts: fc.array(
      fc.record({
        outcome: fc.constantFrom(...ATTEMPT_OUTCOMES),
        startedAtMs: time,
        durationMs: fc.nat({ max: 60_000 }),
        nextRunAtMs: maybe(time),
      }),
      { maxLength: 100 },
    ),
  })
  .map(({ first, attempts, ...rest }) => ({
    ...rest,
    attemptCount: first + attempts.length,
    attempts: attempts.map((attempt, index) => ({ number: first + index, ...attempt })),
  }))

test('stretches follow one another without gaps, whatever the clocks say, and every attempt is one', () => {
  fc.assert(
    fc.property(lives, (life) => {
      const stretches = stretchesOf(life)
      stretches.reduce(
        (before, stretch) => {
          expect(stretch.fromMs).toBe(before.untilMs)
          return stretch
        },
        { untilMs: stretches[0]?.fromMs },
      )
      for (const { kind, fromMs, untilMs } of stretches) {
        if (kind === 'attempt') expect(untilMs).toBeGreaterThanOrEqual(fromMs)
        else expect(untilMs).toBeGreaterThan(fromMs)
      }
      const attempts = stretches.filter(({ kind }) => kind === 'attempt')
      expect(attempts.map(({ number, outcome }) => [number, outcome])).toEqual(
        life.attempts.map(({ number, outcome }) => [number, outcome]),
      )
    }),
  )
})

test('stretches fill the width in their order, and what takes longer is wider', () => {
  fc.assert(
    fc.property(lives, (life) => {
      const marks = placed(stretchesOf(life), 1000)
      let x = 0
      for (const mark of marks) {
        expect(mark.x).toBeCloseTo(x, 6)
        expect(mark.width).toBeGreaterThan(0)
        x += mark.width
      }
      if (marks.length > 0) expect(x).toBeCloseTo(1000, 6)
      const bySpan = [...marks].sort((one, other) => one.untilMs - one.fromMs - (other.untilMs - other.fromMs))
      bySpan.reduce((narrow, wide) => {
        expect(wide.width).toBeGreaterThanOrEqual(narrow.width)
        return wide
      }, bySpan[0]!)
    }),
  )
})

const life = (more: Partial<TimelineFacts>): TimelineFacts => ({
  state: 'pending',
  isBlocked: false,
  createdAtMs: 0,
  runAtMs: 0,
  finishedAtMs: null,
  claimedAtMs: null,
  nowMs: 10_000,
  attemptCount: 0,
  isCut: false,
  attempts: [],
  ...more,
})
const attempt = { number: 1, outcome: 'rejected', startedAtMs: 100, durationMs: 50, nextRunAtMs: 5_000 } as const
const kindsOf = (more: Partial<TimelineFacts>) =>
  stretchesOf(life(more)).map(({ kind, fromMs, untilMs }) => `${kind} ${fromMs}-${untilMs}`)

test.each<[what: string, facts: Partial<TimelineFacts>, drawn: string[]]>([
  ['is delayed', { runAtMs: 30_000 }, ['wait 0-10000', 'ahead 10000-30000']],
  ['is due', { runAtMs: 4000 }, ['wait 0-4000', 'due 4000-10000']],
  ['waits in its line', { isBlocked: true }, ['wait 0-10000']],
  ['is with a worker', { state: 'claimed', claimedAtMs: 9000, attemptCount: 1 }, ['wait 0-9000', 'running 9000-10000']],
  [
    'waited for a worker after its retry was due',
    { state: 'claimed', claimedAtMs: 9000, attemptCount: 2, attempts: [attempt] },
    ['wait 0-100', 'attempt 100-150', 'wait 150-5000', 'due 5000-9000', 'running 9000-10000'],
  ],
  [
    'expired long after its attempt',
    { state: 'failed', finishedAtMs: 8000, attemptCount: 1, attempts: [attempt] },
    ['wait 0-100', 'attempt 100-150', 'wait 150-8000'],
  ],
  [
    'failed with its attempt',
    { state: 'failed', finishedAtMs: 170, attemptCount: 1, attempts: [attempt] },
    ['wait 0-100', 'attempt 100-150'],
  ],
  [
    'has later attempts that are not shown',
    { isCut: true, attemptCount: 300, attempts: [{ ...attempt, number: 7 }] },
    ['attempt 100-150'],
  ],
])('a request that %s', (_, facts, drawn) => {
  expect(kindsOf(facts)).toEqual(drawn)
})
