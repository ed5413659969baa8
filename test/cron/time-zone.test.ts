import { expect, test } from 'vitest'
import { TimeZone } from '../../src/cron/time-zone.ts'

test('a zone is read once, in whatever case it is written', () => {
  const berlin = TimeZone.named('Europe/Berlin')
  expect(berlin).not.toBe(null)
  expect(TimeZone.named('Europe/Berlin')).toBe(berlin)
  expect(TimeZone.named('eUROPE/bERLIN')).toBe(berlin)
})

test.each([['Mars/Olympus'], [''], ['+01:00'], [' UTC'], ['UTC\n'], ['Europe/Berlin'.padEnd(101)], ['constructor']])(
  '%j names no zone',
  (name) => {
    expect(TimeZone.named(name)).toBe(null)
    expect(TimeZone.named(name)).toBe(null)
  },
)

test.each<[string, number]>([
  ['0001-06-01T00:00Z', 3_208_000],
  ['0099-12-31T23:59Z', 3_208_000],
  ['1799-12-31T23:59Z', 3_208_000],
  ['1893-03-31T23:00Z', 3_208_000],
  ['1893-04-02T00:00Z', 3_600_000],
  ['2026-07-01T00:00Z', 7_200_000],
  ['9999-07-01T00:00Z', 7_200_000],
])('the clocks of Berlin are ahead as they were at %s', (moment, aheadMs) => {
  expect(TimeZone.named('Europe/Berlin')?.offsetAt(Date.parse(moment))).toBe(aheadMs)
})
