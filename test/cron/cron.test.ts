import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Cron } from '../../src/cron/cron.ts'
import { InvalidInputError } from '../../src/errors.ts'
import { compare, expressions, windows } from './cron-property.ts'

/** The first fire times after `from`, as UTC. */
function fires(expression: string, zone: string, from: string, count: number): string[] {
  const cron = new Cron(expression, zone)
  let at = Date.parse(from)
  return Array.from({ length: count }, () => {
    at = cron.next(at)
    return new Date(at).toISOString().replace(':00.000Z', 'Z')
  })
}

test('fires at the minutes at which a scan of the clock does, around changes in 20 zones', { timeout: 60_000 }, () => {
  const all = windows()
  expect(new Set(all.map(({ zone }) => zone)).size).toBe(20)
  const property = fc.property(expressions, (expression) => {
    const wrong = all.flatMap((window) => compare(expression, window) ?? [])
    expect(wrong).toEqual([])
  })
  fc.assert(property, { numRuns: 60 })
})

// Berlin: 2026-03-29, 02:00 becomes 03:00 at 01:00 UTC; 2026-10-25, 03:00 becomes 02:00 at 01:00 UTC.
test.each<[string, string, string, string, string[]]>([
  [
    'a fixed time that is skipped fires when the clocks go forward',
    '30 2 * * *',
    'Europe/Berlin',
    '2026-03-28T02:00Z',
    ['2026-03-29T01:00Z', '2026-03-30T00:30Z'],
  ],
  [
    'several that are skipped fire once',
    '0,15,30 2,3 * * *',
    'Europe/Berlin',
    '2026-03-28T22:00Z',
    ['2026-03-29T01:00Z', '2026-03-29T01:15Z', '2026-03-29T01:30Z', '2026-03-30T00:00Z'],
  ],
  [
    'an interval fires nothing for what is skipped',
    '*/30 2 * * *',
    'Europe/Berlin',
    '2026-03-28T22:00Z',
    ['2026-03-30T00:00Z', '2026-03-30T00:30Z'],
  ],
  [
    'a fixed time that is repeated fires the first time',
    '30 2 * * *',
    'Europe/Berlin',
    '2026-10-24T22:00Z',
    ['2026-10-25T00:30Z', '2026-10-26T01:30Z'],
  ],
  [
    'also when that was just now',
    '30 2 * * *',
    'Europe/Berlin',
    '2026-10-25T01:10Z',
    ['2026-10-26T01:30Z', '2026-10-27T01:30Z'],
  ],
  [
    'an interval fires each time',
    '*/30 2 * * *',
    'Europe/Berlin',
    '2026-10-24T22:00Z',
    ['2026-10-25T00:00Z', '2026-10-25T00:30Z', '2026-10-25T01:00Z', '2026-10-25T01:30Z', '2026-10-26T01:00Z'],
  ],
  [
    'midnight may be what is skipped',
    '@daily',
    'Africa/Cairo',
    '2026-04-23T12:00Z',
    ['2026-04-23T22:00Z', '2026-04-24T21:00Z'],
  ],
  [
    'half an hour may be what is repeated',
    '45 1 * * *',
    'Australia/Lord_Howe',
    '2026-04-04T13:00Z',
    ['2026-04-04T14:45Z', '2026-04-05T15:15Z'],
  ],
  [
    'a day may be what is skipped',
    '0 12 30,31 12 *',
    'Pacific/Apia',
    '2011-12-29T12:00Z',
    ['2011-12-30T10:00Z', '2011-12-30T22:00Z'],
  ],
  [
    'seconds belong to the interval',
    '*/30 59 2 * * *',
    'Europe/Berlin',
    '2026-10-25T00:00Z',
    ['2026-10-25T00:59Z', '2026-10-25T00:59:30.000Z', '2026-10-25T01:59Z', '2026-10-25T01:59:30.000Z'],
  ],
])('a schedule where the clocks are changed: %s', (_, expression, zone, from, expected) => {
  expect(fires(expression, zone, from, expected.length)).toEqual(expected)
})

test.each<[string, string, string[]]>([
  ['15 30 4 * * *', '2026-01-01T00:00Z', ['2026-01-01T04:30:15.000Z', '2026-01-02T04:30:15.000Z']],
  ['*/20 * * * * *', '2026-01-01T00:00:20.500Z', ['2026-01-01T00:00:40.000Z', '2026-01-01T00:01Z']],
  ['@secondly', '2026-01-01T00:00:59.999Z', ['2026-01-01T00:01Z', '2026-01-01T00:01:01.000Z']],
  ['@yearly', '2026-06-01T00:00Z', ['2027-01-01T00:00Z']],
  ['@annually', '2026-06-01T00:00Z', ['2027-01-01T00:00Z']],
  ['@monthly', '2026-06-01T00:00Z', ['2026-07-01T00:00Z']],
  ['@weekly', '2026-01-01T00:00Z', ['2026-01-04T00:00Z']],
  ['@midnight', '2026-01-01T00:00Z', ['2026-01-02T00:00Z']],
  ['@hourly', '2026-01-01T00:00Z', ['2026-01-01T01:00Z']],
  ['@minutely', '2026-01-01T00:00Z', ['2026-01-01T00:01Z']],
  ['@weekdays', '2026-01-02T00:00Z', ['2026-01-05T00:00Z']],
  ['@weekends', '2026-01-01T00:00Z', ['2026-01-03T00:00Z', '2026-01-04T00:00Z', '2026-01-10T00:00Z']],
  ['  0   9  *  MAR  Thu ', '2026-01-01T00:00Z', ['2026-03-05T09:00Z']],
  ['0 0 L * *', '2028-02-01T00:00Z', ['2028-02-29T00:00Z', '2028-03-31T00:00Z']],
  ['0 0 * * 5L', '2026-01-01T00:00Z', ['2026-01-30T00:00Z', '2026-02-27T00:00Z']],
  ['0 0 * * 1#1', '2026-01-01T00:00Z', ['2026-01-05T00:00Z', '2026-02-02T00:00Z']],
  ['0 0 * * 1,5L', '2026-01-20T00:00Z', ['2026-01-26T00:00Z', '2026-01-30T00:00Z', '2026-02-02T00:00Z']],
  ['0 0 29 2 1#5', '2026-01-01T00:00Z', ['2028-02-29T00:00Z']],
  // As in Vixie cron: either is enough, unless one of them has a star.
  ['0 0 13 * 5', '2026-01-01T00:00Z', ['2026-01-02T00:00Z', '2026-01-09T00:00Z', '2026-01-13T00:00Z']],
  ['0 0 */2 * 5', '2026-01-01T00:00Z', ['2026-01-09T00:00Z', '2026-01-23T00:00Z']],
  ['0 0 ? * 7', '2026-01-01T00:00Z', ['2026-01-04T00:00Z']],
  ['0 0 * 2 1#5', '2026-01-01T00:00Z', ['2044-02-29T00:00Z']],
  ['0 0 29 2 *', '2096-03-01T00:00Z', ['2104-02-29T00:00Z']],
  // As in Vixie cron: what several items of a list name fires once.
  ['0 0 * * 0,7', '2026-01-01T00:00Z', ['2026-01-04T00:00Z', '2026-01-11T00:00Z']],
  ['0 0 * * 6-7,0,sun', '2026-01-01T00:00Z', ['2026-01-03T00:00Z', '2026-01-04T00:00Z', '2026-01-10T00:00Z']],
  ['0 0 * * 5-7', '2026-01-01T00:00Z', ['2026-01-02T00:00Z', '2026-01-03T00:00Z', '2026-01-04T00:00Z']],
  ['*/15,0 * * * *', '2026-01-01T00:45Z', ['2026-01-01T01:00Z', '2026-01-01T01:15Z']],
  [
    '1-5,3,03,4-6 0 1 1 *',
    '2026-01-01T00:02Z',
    ['2026-01-01T00:03Z', '2026-01-01T00:04Z', '2026-01-01T00:05Z', '2026-01-01T00:06Z'],
  ],
  ['0,*/30,*/20 0,0 1 * *', '2026-01-01T00:00Z', ['2026-01-01T00:20Z', '2026-01-01T00:30Z', '2026-01-01T00:40Z']],
  ['0,0 0 0 1 1 *', '2026-06-01T00:00Z', ['2027-01-01T00:00Z']],
  ['0 0 1 JAN,1,jan-feb *', '2026-01-02T00:00Z', ['2026-02-01T00:00Z', '2027-01-01T00:00Z']],
  ['0 0 L,31,L * *', '2026-02-01T00:00Z', ['2026-02-28T00:00Z', '2026-03-31T00:00Z']],
  ['0 0 * * FRIL,5L,1,MON', '2026-01-20T00:00Z', ['2026-01-26T00:00Z', '2026-01-30T00:00Z']],
  ['0 0 * * 0L,7L', '2026-01-01T00:00Z', ['2026-01-25T00:00Z', '2026-02-22T00:00Z']],
  ['0 0 * * 1#2,1#2', '2026-01-01T00:00Z', ['2026-01-12T00:00Z', '2026-02-09T00:00Z']],
  // A list with a star is still one that either day has to hold with.
  ['0 0 13 * *,5', '2026-01-01T00:00Z', ['2026-01-13T00:00Z', '2026-02-13T00:00Z']],
])('an expression %s', (expression, from, expected) => {
  expect(fires(expression, 'UTC', from, expected.length)).toEqual(expected)
})

test.each<[unknown, string]>([
  ['', 'it has none'],
  ['   ', 'it has none'],
  ['* * * *', 'it has 4'],
  ['* * * * * * *', 'it has 7'],
  ['60 * * * *', 'minute: Constraint error, got value 60 expected range 0-59'],
  ['60 * * * * *', 'second: Constraint error'],
  ['* 24 * * *', 'hour: Constraint error'],
  ['* * 0 * *', 'day of month: Constraint error'],
  ['* * * 13 *', 'month: Constraint error'],
  ['* * * * 8', 'day of week: Constraint error'],
  ['* * * foo *', 'month: Validation error, cannot resolve alias "foo"'],
  ['5-1 * * * *', 'minute: Invalid range: 5-1'],
  ['*/0 * * * *', 'minute: Constraint error, cannot repeat at every 0 time.'],
  ['1,,2 * * * *', 'minute: Invalid list value format'],
  ['1,1, * * * *', 'minute: Invalid list value format'],
  ['1,60,1 * * * *', 'minute: Constraint error, got value 60'],
  ['1,1,5-1 * * * *', 'minute: Invalid range: 5-1'],
  ['*/0,0 * * * *', 'minute: Constraint error, cannot repeat at every 0 time.'],
  ['* * * * 1,8,1', 'day of week: Constraint error'],
  ['* * * * 8L,1', 'day of week: '],
  ['* * * * fooL,1', 'day of week: '],
  ['* * 1,1,15W * *', 'day of month: Invalid characters'],
  ['* * * jan,foo,1 *', 'month: Validation error, cannot resolve alias "foo"'],
  ['0 0 15W * *', 'day of month: Invalid characters'],
  ['0 0 * * 1#6', 'day of week: Constraint error'],
  ['0 0 30 2 *', 'Invalid explicit day of month'],
  ['0 0 */30 2 1#5', 'no year has such a day'],
  ['H * * * *', 'minute: H is not taken, spread with `jitter`'],
  ['H(1-5) 4 * * thu', 'minute: H is not taken'],
  ['@noon', 'the macros are @yearly'],
  ['@DAILY', 'the macros are @yearly'],
  ['toString', 'it has 1'],
  [5, 'got 5'],
  [null, 'got null'],
  [undefined, 'got nothing'],
])('an expression %j is refused with what is wrong', (expression, message) => {
  const error = thrownBy(() => new Cron(expression as string, 'UTC'))
  expect(error).toMatchObject({ field: 'schedule.cron', code: 'invalid_input' })
  expect(error.message).toContain(message)
  expect(error.message.length).toBeLessThan(500)
})

test.each<[unknown, string]>([
  ['Europe/Berlln', "did you mean 'Europe/Berlin'?"],
  ['Mars/Olympus', "such as 'Europe/Vienna', got"],
  ['+01:00', 'got "+01:00"'],
  ['', 'got ""'],
  [null, 'got null'],
  [5, 'got 5'],
])('an expression is refused for the zone %j', (zone, message) => {
  const error = thrownBy(() => new Cron('@daily', zone as string))
  expect(error).toMatchObject({ field: 'schedule.timezone', code: 'invalid_input' })
  expect(error.message).toContain(message)
})

function thrownBy(work: () => unknown): InvalidInputError {
  try {
    work()
  } catch (error) {
    if (error instanceof InvalidInputError) return error
  }
  throw new Error('it was let through')
}

test('a zone of a megabyte is refused at once', () => {
  const startedAt = performance.now()
  for (const letter of ['E', 'e/', '+', ' ']) {
    const error = thrownBy(() => new Cron('@daily', letter.repeat(1_000_000)))
    expect(error.message.length).toBeLessThan(300)
  }
  expect(performance.now() - startedAt).toBeLessThan(1000)
})

test.each<[string, string, string]>([
  ['0 12 * * *', '0001-01-01T00:00Z', '0001-01-01T11:06:32.000Z'],
  ['0 12 1 3 *', '0099-06-01T00:00Z', '0100-03-01T11:06:32.000Z'],
  ['0 12 * * *', '9998-12-31T12:00Z', '9999-01-01T11:00Z'],
])('%s fires in Berlin after %s as in any other year', (expression, from, expected) => {
  expect(fires(expression, 'Europe/Berlin', from, 1)).toEqual([expected])
})

test('an expression that goes on and on is refused, and not shown whole', () => {
  const error = thrownBy(() => new Cron(`0 0 ${'1,'.repeat(600)}2 * *`, 'UTC'))
  expect(error.message.length).toBeLessThan(500)
})

test('whatever text is no expression is refused, and nothing else is thrown', () => {
  const pieces = fc.array(fc.constantFrom(...'0159*/,-?L#H@W JANmon.'.split('')), { maxLength: 20 })
  const text = fc.oneof(
    pieces.map((all) => all.join('')),
    fc.string(),
  )
  const property = fc.property(fc.array(text, { maxLength: 7 }), (fields) => {
    try {
      const at = new Cron(fields.join(' '), 'Europe/Berlin').next(0)
      expect(Number.isInteger(at / 1000)).toBe(true)
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidInputError)
    }
  })
  fc.assert(property, { numRuns: 2000 })
})

test('the latest of many times is found without going through them', () => {
  const everySecond = new Cron('* * * * * *', 'UTC')
  const first = Date.UTC(1990, 0)
  const now = Date.UTC(2026, 10, 24, 12, 0, 0, 500)
  expect(everySecond.latest(first, now)).toBe(now - 500)
  const property = fc.property(
    expressions,
    fc.integer({ min: 0, max: 5 }),
    fc.double({ min: 0, max: 0.99, noNaN: true }),
    (expression, count, beyond) => {
      const cron = new Cron(expression, 'Europe/Berlin')
      const begin = cron.next(Date.UTC(2026, 9, 24))
      let expected = begin
      for (let i = 0; i < count; i++) expected = cron.next(expected)
      const until = expected + Math.floor((cron.next(expected) - expected) * beyond)
      expect(cron.latest(begin, until)).toBe(expected)
    },
  )
  fc.assert(property, { numRuns: 100 })
})
