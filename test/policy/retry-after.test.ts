import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { retryAfterMs } from '../../src/policy/retry-after.ts'

const NOW = Date.UTC(2026, 10, 24, 12)
const asked = (value: string, ...more: [string, string][]) => retryAfterMs([['retry-after', value], ...more], NOW)

const zone = process.env['TZ']
afterEach(() => {
  if (zone === undefined) delete process.env['TZ']
  else process.env['TZ'] = zone
})

test.each([
  ['0', 0],
  ['1', 1000],
  ['120', 120_000],
  [' 120 ', 120_000],
  ['007', 7000],
  ['9'.repeat(400), Number.MAX_SAFE_INTEGER],
])('Retry-After %j asks for that many seconds', (value, expected) => {
  expect(asked(value)).toBe(expected)
})

test.each([
  ['as RFC 9110 writes it', 'Tue, 24 Nov 2026 12:01:00 GMT', 60_000],
  ['with a day of one digit', 'Wed, 2 Dec 2026 12:00:00 GMT', 8 * 86_400_000],
  ['as RFC 850 writes it', 'Tuesday, 24-Nov-26 12:01:00 GMT', 60_000],
  ['as asctime writes it', 'Tue Nov 24 12:01:00 2026', 60_000],
  ['as asctime writes a day of one digit', 'Wed Dec  2 12:00:00 2026', 8 * 86_400_000],
  ['in another case', 'tue, 24 nov 2026 12:01:00 gmt', 60_000],
  ['in a leap second', 'Thu, 31 Dec 2026 23:59:60 GMT', Date.UTC(2027, 0) - NOW],
  ['in a leap second as RFC 850 writes it', 'Thursday, 31-Dec-26 23:59:60 GMT', Date.UTC(2027, 0) - NOW],
  ['in a leap second as asctime writes it', 'Thu Dec 31 23:59:60 2026', Date.UTC(2027, 0) - NOW],
  ['on a leap day', 'Tue, 29 Feb 2028 12:00:00 GMT', Date.UTC(2028, 1, 29, 12) - NOW],
  ['on another day of the week', 'Mon, 24 Nov 2026 12:01:00 GMT', 60_000],
  ['with the last year that it can name', 'Fri, 31 Dec 9999 23:59:59 GMT', Date.UTC(9999, 11, 31, 23, 59, 59) - NOW],
  ['with a year of the first century', 'Sat, 24 Nov 0026 12:01:00 GMT', 0],
  ['that is over', 'Tue, 24 Nov 2026 11:59:00 GMT', 0],
  ['of the last century', 'Sunday, 06-Nov-94 08:49:37 GMT', 0],
])('Retry-After may be a date %s, in any time zone', (_, value, expected) => {
  for (const each of ['UTC', 'Asia/Tokyo', 'America/Los_Angeles']) {
    process.env['TZ'] = each
    expect(asked(value)).toBe(expected)
  }
})

test('Retry-After with a year of two digits means the nearest one that is not more than 50 years ahead', () => {
  expect(asked('Tuesday, 24-Nov-76 12:00:00 GMT')).toBe(Date.UTC(2076, 10, 24, 12) - NOW)
  expect(asked('Thursday, 24-Nov-77 12:00:00 GMT')).toBe(0)
})

test.each([
  ['Tue, 24 Nov 2026 13:00:00 GMT', 30_000],
  ['Tuesday, 24-Nov-26 13:00:00 GMT', 30_000],
  ['Tue Nov 24 13:00:00 2026', 30_000],
])("Retry-After is measured from the response's own Date, %s", (date, expected) => {
  expect(asked('Tue, 24 Nov 2026 13:00:30 GMT', ['Date', date])).toBe(expected)
})

test("Retry-After is measured from a leap second as well, if that is the response's own Date", () => {
  const date = 'Thu, 31 Dec 2026 23:59:60 GMT'
  expect(asked('Fri, 01 Jan 2027 00:00:30 GMT', ['Date', date])).toBe(30_000)
})

test('Retry-After is measured from our own time when the Date cannot be read', () => {
  expect(asked('Tue, 24 Nov 2026 12:00:30 GMT', ['date', 'yesterday'])).toBe(30_000)
})

test('Retry-After in seconds has nothing to do with the Date', () => {
  expect(asked('5', ['date', 'Tue, 24 Nov 2020 12:00:00 GMT'])).toBe(5000)
})

test.each([
  [''],
  ['-5'],
  ['+5'],
  ['1.5'],
  ['1e3'],
  ['0x10'],
  ['five'],
  ['5 seconds'],
  ['5, 10'],
  ['retry after 2099'],
  ['Foo 5'],
  ['Nov 24 2099'],
  ['2099-01-01T00:00:00Z'],
  ['Tue, 24 Foo 2026 12:01:00 GMT'],
  ['Tue, 99 Nov 2026 12:01:00 GMT'],
  ['Tue, 00 Nov 2026 12:01:00 GMT'],
  ['Tue, 0 Dec 2026 12:01:00 GMT'],
  ['Sat, 31 Nov 2026 12:01:00 GMT'],
  ['Thu, 31 Feb 2028 12:01:00 GMT'],
  ['Mon, 29 Feb 2027 12:01:00 GMT'],
  ['Foo, 24 Nov 2026 12:01:00 GMT'],
  ['Tuesnesday, 24-Nov-26 12:01:00 GMT'],
  ['Never Nov 24 12:01:00 2026'],
  ['Tue, 24 Nov 2026 24:00:00 GMT'],
  ['Tue, 24 Nov 2026 12:60:00 GMT'],
  ['Tue, 24 Nov 2026 12:01:61 GMT'],
  ['Tue, 24 Nov 2026 25:01:00 GMT'],
  ['Tue, 24 Nov 2026 12:01:00 +0900'],
  ['٥'],
])('Retry-After %j asks for nothing', (value) => {
  expect(asked(value)).toBeNull()
})

test('Retry-After that is absent asks for nothing', () => {
  expect(retryAfterMs([['x-retry-after', '5']], NOW)).toBeNull()
  expect(retryAfterMs([], NOW)).toBeNull()
})

test('Retry-After is found under any spelling of its name, and the first one counts', () => {
  const lines: [string, string][] = [
    ['content-type', 'text/plain'],
    ['RETRY-AFTER', '3'],
    ['Retry-After', '9'],
  ]
  expect(retryAfterMs(lines, NOW)).toBe(3000)
})

test('Retry-After is never a negative or senseless number, whatever a receiver sends', () => {
  const dateLike = fc.date({ noInvalidDate: true }).map((date) => date.toUTCString())
  const value = fc.oneof(fc.string(), dateLike, fc.bigInt().map(String), fc.constant('9'.repeat(400)))
  fc.assert(
    fc.property(value, fc.option(fc.oneof(dateLike, fc.string())), (text, date) => {
      const wait = asked(text, ...(date === null ? [] : ([['date', date]] as [string, string][])))
      if (wait !== null) expect(Number.isSafeInteger(wait) && wait >= 0).toBe(true)
    }),
    { numRuns: 1000 },
  )
})

test('Retry-After reads every date that it can be asked with back to the second', () => {
  const soon = fc.date({ min: new Date(NOW), max: new Date(Date.UTC(2099, 0)), noInvalidDate: true })
  fc.assert(
    fc.property(soon, (date) => {
      expect(asked(date.toUTCString())).toBe(Math.floor(date.getTime() / 1000) * 1000 - NOW)
    }),
  )
})
