import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Permits } from '../../src/limits/permits.ts'

test('each start has its time, and those that come in two lots are used in order', () => {
  const permits = new Permits()
  permits.add(100, 2, 50)
  permits.add(120, 1, 50)
  expect(permits.count(0)).toBe(3)
  expect(permits.nextInMs(90)).toBe(10)
  permits.use()
  expect(permits.nextInMs(90)).toBe(30)
  permits.use()
  expect(permits.nextInMs(200)).toBe(0)
  permits.use()
  expect(permits.nextInMs(200)).toBeUndefined()
})

test('a start that was not made is lost after a while', () => {
  const permits = new Permits()
  permits.add(0, 3, 100)
  expect(permits.count(499)).toBe(3)
  expect(permits.count(500)).toBe(2)
  expect(permits.count(10_000)).toBe(0)
  expect(permits.nextInMs(10_000)).toBeUndefined()
})

test('never more starts than were leased, and none before its time', () => {
  const leases = fc.array(
    fc.record({ fromMs: fc.nat(300), count: fc.nat(20), spacingMs: fc.integer({ min: 1, max: 40 }) }),
  )
  fc.assert(
    fc.property(leases, fc.integer({ min: 1, max: 30 }), (given, stepMs) => {
      const permits = new Permits()
      const times = given.flatMap(({ fromMs, count, spacingMs }) =>
        Array.from({ length: count }, (_, index) => fromMs + index * spacingMs),
      )
      for (const { fromMs, count, spacingMs } of given) permits.add(fromMs, count, spacingMs)
      let used = 0
      for (let nowMs = 0; nowMs < 1200; nowMs += stepMs) {
        while (permits.nextInMs(nowMs) === 0) {
          permits.use()
          used++
          expect(times.filter((time) => time <= nowMs).length).toBeGreaterThanOrEqual(used)
        }
      }
      expect(used).toBe(times.length)
    }),
  )
})
