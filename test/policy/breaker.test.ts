import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SlowStart } from '../../src/limits/slow-start.ts'
import { FailureWindow, isFailure } from '../../src/policy/breaker.ts'
import { response } from '../support/factory.ts'

const policy = { failureRate: 0.5, minRequests: 4, windowMs: 1000, openMs: 1, maxOpenMs: 1 }

test.each([
  ['too few requests', [1, 1, 1], false],
  ['all failed', [1, 1, 1, 1], true],
  ['half of them failed', [0, 0, 1, 1], true],
  ['fewer than half failed', [0, 0, 0, 1, 1], false],
  ['nothing failed', [0, 0, 0, 0, 0], false],
  ['the last one was a success', [1, 1, 1, 0], false],
])('a window of failures %s', (_, outcomes, opens) => {
  const window = new FailureWindow(policy)
  expect(outcomes.map((failed) => window.record(failed === 1, 0)).at(-1)).toBe(opens)
})

test('a window of failures says exactly what counting anew says, and forgets what is older', () => {
  const steps = fc.array(fc.record({ failed: fc.boolean(), afterMs: fc.nat(400) }), { maxLength: 60 })
  fc.assert(
    fc.property(steps, (given) => {
      const window = new FailureWindow(policy)
      const seen: { failed: boolean; part: number }[] = []
      let nowMs = 0
      for (const { failed, afterMs } of given) {
        nowMs += afterMs
        const part = Math.floor(nowMs / 100)
        seen.push({ failed, part })
        const recent = seen.filter((each) => each.part > part - 10)
        const failures = recent.filter((each) => each.failed).length
        const opens = failed && recent.length >= 4 && failures * 2 >= recent.length
        expect(window.record(failed, nowMs)).toBe(opens)
      }
    }),
  )
})

test.each([
  ['no answer', { outcome: 'timeout', status: null }, true],
  ['no connection', { outcome: 'network_error', status: null }, true],
  ['a server error', { status: 500 }, true],
  ['too many requests', { status: 429 }, true],
  ['a server error that the request accepts', { status: 501 }, false],
  ['a client error', { status: 404 }, false],
  ['an answer that is accepted', { status: 200 }, false],
  ['a worker that was stopped', { outcome: 'abandoned', status: null }, null],
  ['an address that is not allowed', { outcome: 'blocked', status: null }, null],
] as const)('of the receiver, %s is a failure: %j %j', (_, difference, failed) => {
  expect(isFailure(['2xx', '501'], response(200, difference))).toBe(failed)
})

test('a slow start doubles from round to round, and begins anew when one fails', () => {
  const start = new SlowStart()
  const rounds: number[] = []
  for (let round = 0; round < 4; round++) {
    rounds.push(start.room)
    for (let answers = start.room; answers > 0; answers--) start.answered()
  }
  expect(rounds).toEqual([1, 2, 4, 8])
  start.failed()
  expect(start.room).toBe(1)
})
