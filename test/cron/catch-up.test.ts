import fc from 'fast-check'
import { expect, test } from 'vitest'
import { firstOfLast } from '../../src/cron/catch-up.ts'
import { Cron } from '../../src/cron/cron.ts'
import { dueTimes, MOST_CAUGHT_UP } from '../../src/policy/schedule.ts'
import { expressions } from './cron-property.ts'

const NOW = Date.UTC(2026, 10, 24, 12, 0, 0, 500)
const DAY_MS = 86_400_000

test('the first of the last times is found as by going through all of them', () => {
  // Some fire every second for an hour, and then not for a day, a month or a year.
  const bursts = fc.constantFrom('* * 3 * * *', '* 0 0 1 * *', '*/7 5 0 1 1 *', '* * * * * *', '@yearly')
  const property = fc.property(
    fc.oneof(expressions, bursts),
    fc.constantFrom('UTC', 'Europe/Berlin'),
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 0, max: 30 * DAY_MS }),
    (expression, zone, count, agoMs) => {
      const cron = new Cron(expression, zone)
      const firstMs = NOW - agoMs
      const last: number[] = []
      for (let at = cron.next(firstMs); at <= NOW && agoMs < 2 * DAY_MS; at = cron.next(at)) last.push(at)
      const found = firstOfLast(count, cron, firstMs, NOW)
      const isFew = agoMs <= count * 1000
      if (agoMs < 2 * DAY_MS) expect(found).toBe(isFew ? firstMs : (last.at(-count) ?? firstMs))
      // Whatever was found, there are as many from there on, or all.
      else if (found > firstMs) {
        let many = 0
        for (let at = found; at <= NOW; at = cron.next(at)) many++
        expect(many).toBe(count)
      }
    },
  )
  fc.assert(property, { numRuns: 100 })
}, 60_000)

test.each(['* * * * * *', '*/5 * * * *', '0 0 1 1 *', '* * * 29 2 *', '30 6 29 2 1'])(
  'of all times of %s since the year 1, few are looked at',
  (expression) => {
    const cron = new Cron(expression, 'Europe/Berlin')
    const startedAt = performance.now()
    const { fireMs, nextMs, fromMs } = dueTimes(cron, Date.parse('0001-01-01T00:00Z'), NOW, 'all', 100)
    expect(performance.now() - startedAt).toBeLessThan(5000)
    expect(fireMs).toHaveLength(100)
    expect(fromMs === null || fromMs === fireMs[0]).toBe(true)
    expect(nextMs).toBe(cron.next(fireMs[99]!))
  },
)

test('as many as are caught up with are not cut short', () => {
  const cron = new Cron('* * * * * *', 'UTC')
  const firstMs = NOW - 500 - (MOST_CAUGHT_UP - 1) * 1000
  expect(dueTimes(cron, firstMs, NOW, 'all', 1)).toMatchObject({ fireMs: [firstMs], fromMs: null })
  expect(dueTimes(cron, firstMs - 5000, NOW, 'all', 1)).toMatchObject({ fireMs: [firstMs], fromMs: firstMs })
})
