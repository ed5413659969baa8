import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FilterOneOf, FilterRange, RequestFilter } from '../../src/index.ts'
import { createRequeuest, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

const CHANNELS = ['a', 'b', 'Ä"\\,{}']
const STATES = ['failed', 'cancelled'] as const
const CODES = ['expired', 'poison'] as const
const ORIGINS = ['https://one.example', 'http://two.example']
const OUTCOMES = ['timeout', 'rejected'] as const
const ERRORS = ['timeout', 'dns_error']
const TEXTS = ['https://one.example/a%20b', 'https://one.example/', 'http://two.example/100%_of']
const BASE = Date.UTC(2030, 0, 1)

interface Row {
  channel: string
  origin: string
  state: (typeof STATES)[number]
  orderKey: string | null
  dedupeKey: string | null
  url: string
  failureCode: (typeof CODES)[number] | null
  at: [created: number, run: number, finished: number]
  attempts: { outcome: (typeof OUTCOMES)[number]; status: number | null; errorCode: string | null }[]
}

const columns: fc.Arbitrary<Omit<Row, 'origin'>> = fc.record({
  channel: fc.constantFrom(...CHANNELS),
  state: fc.constantFrom(...STATES),
  orderKey: fc.constantFrom(null, '', 'k'),
  dedupeKey: fc.constantFrom(null, 'one'),
  url: fc.constantFrom(...TEXTS),
  failureCode: fc.constantFrom(null, ...CODES),
  at: fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)),
  attempts: fc.array(
    fc.record({
      outcome: fc.constantFrom(...OUTCOMES),
      status: fc.constantFrom(null, 404, 500, 503),
      errorCode: fc.constantFrom(null, ...ERRORS),
    }),
    { maxLength: 2 },
  ),
})

/** The database keeps no origin that is not that of the URL. */
const row: fc.Arbitrary<Row> = columns.map((one) => ({ ...one, origin: new URL(one.url).origin }))

const oneOf = <T>(...values: T[]): fc.Arbitrary<FilterOneOf<T>> =>
  fc.oneof(fc.constantFrom(...values), fc.record({ in: fc.subarray(values) }))
const date = fc.nat(3).map((ms) => new Date(BASE + ms))
const between = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<FilterRange<T>> =>
  fc
    .record({ gt: value, gte: value, lt: value, lte: value }, { requiredKeys: [] })
    .filter((one) => Object.keys(one).length > 0)
const code = fc.constantFrom(404, 500, 503)

const where: fc.Arbitrary<RequestFilter> = fc
  .record(
    {
      channel: oneOf(...CHANNELS),
      origin: oneOf(...ORIGINS),
      state: oneOf(...STATES),
      orderKey: oneOf('', 'k'),
      dedupeKey: oneOf('one', 'two'),
      url: fc.oneof(
        fc.constantFrom(...TEXTS),
        fc.constantFrom(
          { startsWith: 'https://one' },
          { contains: '%' },
          { contains: '_' },
          { startsWith: 'h', contains: 'two' },
        ),
      ),
      failureCode: oneOf(...CODES),
      createdAt: between(date),
      runAt: between(date),
      finishedAt: between(date),
      lastAttempt: fc
        .record(
          { outcome: oneOf(...OUTCOMES), status: fc.oneof(code, between(code)), errorCode: oneOf(...ERRORS) },
          { requiredKeys: [] },
        )
        .filter((one) => Object.keys(one).length > 0),
    },
    { requiredKeys: [] },
  )
  .filter((one) => Object.keys(one).length > 0)

const isOneOf = <T>(value: T | null, wanted: FilterOneOf<T> | undefined) =>
  wanted === undefined ||
  (value !== null && (typeof wanted === 'object' ? (wanted as { in: T[] }).in.includes(value) : value === wanted))

const isBetween = (value: number | null, range: FilterRange<Date | number> | undefined) =>
  range === undefined ||
  (value !== null &&
    !(range.gt !== undefined && value <= Number(range.gt)) &&
    !(range.gte !== undefined && value < Number(range.gte)) &&
    !(range.lt !== undefined && value >= Number(range.lt)) &&
    !(range.lte !== undefined && value > Number(range.lte)))

function matches(one: Row, filter: RequestFilter): boolean {
  const { url, lastAttempt } = filter
  const last = one.attempts.at(-1)
  const status = lastAttempt?.status
  const [created, run, finished] = one.at
  return (
    isOneOf(one.channel, filter.channel) &&
    isOneOf(one.origin, filter.origin) &&
    isOneOf<string>(one.state, filter.state) &&
    isOneOf(one.orderKey, filter.orderKey) &&
    isOneOf(one.dedupeKey, filter.dedupeKey) &&
    isOneOf<string>(one.failureCode, filter.failureCode) &&
    (url === undefined ||
      (typeof url === 'string'
        ? one.url === url
        : one.url.startsWith(url.startsWith ?? '') && one.url.includes(url.contains ?? ''))) &&
    isBetween(BASE + created, filter.createdAt) &&
    isBetween(BASE + run, filter.runAt) &&
    isBetween(BASE + finished, filter.finishedAt) &&
    (lastAttempt === undefined ||
      (last !== undefined &&
        (typeof status === 'number' ? last.status === status : isBetween(last.status, status)) &&
        isOneOf<string>(last.outcome, lastAttempt.outcome) &&
        isOneOf(last.errorCode, lastAttempt.errorCode)))
  )
}

test('matches what it says, and nothing else', { timeout: 60_000 }, async () => {
  const { prisma } = database
  const requeuest = createRequeuest(prisma)
  const rows = fc.sample(row, { numRuns: 150, seed: 7 })
  for (const { at, attempts, ...values } of rows) {
    const [createdAt, runAt, finishedAt] = at.map((ms) => new Date(BASE + ms)) as [Date, Date, Date]
    const tries = attempts.map((one, index) => ({
      ...one,
      number: index + 1,
      startedAt: createdAt,
      durationMs: 1,
      workerId: 'worker-1',
    }))
    // The key of one request at a time: that of all others is over.
    const data = { ...values, createdAt, runAt, finishedAt, dedupeOver: true, attempts: { create: tries } }
    await prisma.httpRequest.create({ data })
  }
  await fc.assert(
    fc.asyncProperty(where, async (filter) => {
      const { matched, redriven } = await requeuest.redrive(filter, { dryRun: true })
      expect({ matched, redriven }).toEqual({ matched: rows.filter((one) => matches(one, filter)).length, redriven: 0 })
    }),
    { numRuns: 150 },
  )
})

test('a filter by ids of any number, in any order and case, and of what is not there', async () => {
  const requeuest = createRequeuest(database.prisma)
  const ids = await requeuest.spawnMany('a', Array(30).fill('http://example.com/'))
  const wanted = [...ids.slice(0, 20).reverse(), ids[0]!.toUpperCase(), crypto.randomUUID()]
  expect(await requeuest.cancel({ id: { in: wanted } })).toMatchObject({ cancelled: 20 })
  expect(await requeuest.cancel({ id: { in: [] } })).toMatchObject({ cancelled: 0 })
  expect(await requeuest.cancel(ids[20]!.toUpperCase())).toMatchObject({ cancelled: 1 })
  expect(await requeuest.cancel(crypto.randomUUID())).toMatchObject({ cancelled: 0 })
  expect(await requeuest.cancel({ id: { in: ids } })).toMatchObject({ cancelled: 9 })
})

const BAD: [what: string, where: unknown, field: string, message: string][] = [
  ['nothing', undefined, 'where', 'an id, or conditions'],
  ['null', null, 'where', 'got null'],
  ['a list', ['x'], 'where', 'got a list'],
  ['no id', 'abc', 'id', 'a UUID'],
  ['no condition', {}, 'where', 'at least one condition: `id`, `channel`'],
  ['an unknown condition', { chanel: 'a' }, 'where.chanel', 'did you mean `channel`?'],
  ['a condition without a value', { channel: undefined }, 'where.channel', 'it would match everything'],
  ['one of two without a value', { channel: 'a', id: undefined }, 'where.id', 'it would match everything'],
  ['an id that is none', { id: { in: [crypto.randomUUID(), 'x'] } }, 'where.id.in[1]', 'a UUID'],
  ['ids without a list', { id: { in: 'x' } }, 'where.id.in', 'a list'],
  ['a list without in', { channel: ['a'] }, 'where.channel', 'several as { in: […] }'],
  ['an unknown operator', { channel: { not: 'a' } }, 'where.channel.not', 'it knows `in`'],
  ['an operator without a value', { channel: { in: undefined } }, 'where.channel.in', 'it would match everything'],
  ['an empty operator', { channel: {} }, 'where.channel', 'at least one condition'],
  ['a channel that is null', { channel: null }, 'where.channel', 'got null'],
  ['a hole in a list', { channel: { in: new Array(1) } }, 'where.channel.in[0]', 'got nothing'],
  ['a state that it does not apply to', { state: 'delivered' }, 'where.state', "one of 'failed', 'cancelled'"],
  ['a misspelt state', { state: { in: ['failed', 'canceled'] } }, 'where.state.in[1]', 'got "canceled"'],
  [
    'a failure code that there is none of',
    { failureCode: 'expire' },
    'where.failureCode',
    "'expired', 'address_blocked'",
  ],
  [
    'one of several that there is none of',
    { failureCode: { in: ['expired', ''] } },
    'where.failureCode.in[1]',
    'got ""',
  ],
  ['a NUL in a URL', { url: { contains: '\0' } }, 'where.url.contains', 'without NUL'],
  ['a URL that is a number', { url: 5 }, 'where.url', 'got 5'],
  ['an unknown operator of url', { url: { endsWith: 'x' } }, 'where.url.endsWith', '`startsWith`'],
  ['a time that is a text', { createdAt: { gte: '2030' } }, 'where.createdAt.gte', 'a valid Date'],
  ['a time that is none', { createdAt: { gte: new Date(Number.NaN) } }, 'where.createdAt.gte', 'an invalid Date'],
  ['a Date alone', { finishedAt: new Date() }, 'where.finishedAt', 'at least one condition'],
  ['a time without an operator', { runAt: {} }, 'where.runAt', 'at least one condition'],
  ['a status that is none', { lastAttempt: { status: 99 } }, 'where.lastAttempt.status', 'from 100 to 999'],
  ['a status as text', { lastAttempt: { status: '500' } }, 'where.lastAttempt.status', 'conditions such as'],
  ['an unknown fact', { lastAttempt: { code: 'x' } }, 'where.lastAttempt.code', '`errorCode`'],
  ['no fact', { lastAttempt: {} }, 'where.lastAttempt', 'at least one condition'],
]

test.each(BAD)('is refused: %s', async (_, given, field, message) => {
  const requeuest = createRequeuest(database.prisma)
  const id = await requeuest.spawn('a', 'http://example.com/')
  await requeuest.cancel(id)
  const thrown = await requeuest.redrive(given as never).catch((error: unknown) => error)
  expect(thrown).toMatchObject({
    code: 'invalid_input',
    field,
    message: expect.stringContaining(message),
  })
  expect(await requeuest.find(id)).toMatchObject({ state: 'cancelled' })
})
