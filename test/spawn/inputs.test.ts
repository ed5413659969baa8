import { expect, test } from 'vitest'
import { type HttpRequestInput, http, type SpawnOptions } from '../../src/index.ts'
import { createRequeuest, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const URL_TEXT = 'https://example.com/hooks?a=1&a=2'

async function stored(input: HttpRequestInput, options?: SpawnOptions) {
  const id = await createRequeuest(database.prisma).spawn('billing', input, options)
  return database.prisma.httpRequest.findUniqueOrThrow({ where: { id } })
}

test.each<[string, HttpRequestInput, string]>([
  ['a text', URL_TEXT, 'GET'],
  ['a URL', new URL(URL_TEXT), 'GET'],
  ['parts', { url: URL_TEXT }, 'GET'],
  ['parts with a URL and a method', { method: 'DELETE', url: new URL(URL_TEXT) }, 'DELETE'],
  ['parts with a method of any standard case', { method: 'post', url: URL_TEXT }, 'POST'],
  ['parts with a method of its own', { method: 'Purge', url: URL_TEXT }, 'Purge'],
  ['a Request', new Request(URL_TEXT), 'GET'],
  ['a Request with a method', new Request(URL_TEXT, { method: 'PATCH' }), 'PATCH'],
  ['http.get()', http.get(URL_TEXT), 'GET'],
  ['http.head()', http.head(URL_TEXT), 'HEAD'],
  ['http.post()', http.post(URL_TEXT), 'POST'],
  ['http.put()', http.put(new URL(URL_TEXT)), 'PUT'],
  ['http.patch()', http.patch(URL_TEXT), 'PATCH'],
  ['http.delete()', http.delete(URL_TEXT), 'DELETE'],
])('a request may be %s', async (_, input, method) => {
  expect(await stored(input)).toMatchObject({ channel: 'billing', method, url: URL_TEXT, headers: [], body: null })
})

test('a request may be a Request with headers and a body, which is read whole', async () => {
  const request = new Request(URL_TEXT, { method: 'POST', body: 'hällo', headers: { 'X-One': '1', Accept: '*/*' } })
  const row = await stored(request)
  expect(row.body).toEqual(new Uint8Array(Buffer.from('hällo')))
  expect(row.headers).toEqual([
    ['accept', '*/*'],
    ['content-type', 'text/plain;charset=UTF-8'],
    ['x-one', '1'],
  ])
  expect(request.bodyUsed).toBe(true)
})

test('a request may be a Request with a form, whose boundary stays the one of its content type', async () => {
  const form = new FormData()
  form.append('name', 'value')
  const row = await stored(new Request(URL_TEXT, { method: 'POST', body: form }))
  const [, type = ''] = (row.headers as [string, string][]).find(([name]) => name === 'content-type') ?? []
  const back = await new Response(row.body, { headers: { 'content-type': type } }).formData()
  expect(back.get('name')).toBe('value')
})

test('a URL is stored as it will be sent: encoded, without its fragment', async () => {
  expect((await stored('HTTP://EXAMPLE.com:80/a b/ü?q=ü#secret')).url).toBe('http://example.com/a%20b/%C3%BC?q=%C3%BC')
  expect((await stored(new Request('http://example.com/#secret'))).url).toBe('http://example.com/')
})

const PAIRS: [string, string][] = [
  ['X-B', '1'],
  ['x-a', '2'],
  ['X-B', '3'],
]

test.each<[string, () => NonNullable<Exclude<HttpRequestInput, string | URL | Request>['headers']>, unknown]>([
  ['pairs', () => PAIRS, PAIRS],
  ['an iterable of pairs', () => new Set(PAIRS), PAIRS],
  ['a generator', () => PAIRS.values(), PAIRS],
  ['a Map', () => new Map([PAIRS[0]!, PAIRS[1]!]), PAIRS.slice(0, 2)],
  ['an object', () => ({ 'X-B': '1', 'x-a': '2' }), PAIRS.slice(0, 2)],
  [
    'an object with lists',
    () => ({ 'X-B': ['1', '3'], 'x-none': [], 'x-a': '2' }),
    [
      ['X-B', '1'],
      ['X-B', '3'],
      ['x-a', '2'],
    ],
  ],
  [
    'Headers, whose order and case are their own',
    () => new Headers(PAIRS),
    [
      ['x-a', '2'],
      ['x-b', '1, 3'],
    ],
  ],
  [
    'values at the edge of what may be sent',
    () => ({ 'x-empty': '', 'x-latin': 'grün\t~' }),
    [
      ['x-empty', ''],
      ['x-latin', 'grün\t~'],
    ],
  ],
])('headers as %s keep their order and repeats', async (_, headers, expected) => {
  expect((await stored({ url: URL_TEXT, headers: headers() })).headers).toEqual(expected)
})

test('headers are copied: what the caller changes later is not stored', async () => {
  const headers: [string, string][] = [['x-a', '1']]
  const spawning = stored({ url: URL_TEXT, headers })
  headers[0]![1] = 'changed'
  headers.push(['x-b', '2'])
  expect((await spawning).headers).toEqual([['x-a', '1']])
})

test('every option is stored', async () => {
  const runAt = new Date(Date.UTC(2030, 0, 1, 0, 0, 0, 123))
  const expiresAt = new Date(Date.UTC(2031, 0, 1, 0, 0, 0, 456))
  const row = await stored(URL_TEXT, {
    accept: [404, '400-410', '2xx'],
    retry: { backoff: { base: 1, factor: 1.5, max: 3, jitter: 'equal' }, maxAttempts: 4 },
    timeout: 5,
    maxRedirects: 6,
    priority: 0,
    order: { key: 'customer:7', afterFailure: 'hold' },
    runAt,
    expiresAt,
  })
  expect(row).toMatchObject({
    state: 'pending',
    accept: ['404', '400-410', '2xx'],
    backoffBaseMs: 1,
    backoffFactor: 1.5,
    backoffMaxMs: 3,
    backoffJitter: 'equal',
    maxAttempts: 4,
    timeoutMs: 5,
    maxRedirects: 6,
    priority: 0,
    orderKey: 'customer:7',
    afterFailure: 'hold',
    runAt,
    expiresAt,
    attemptCount: 0,
    failureCode: null,
    finishedAt: null,
  })
})

test('times are stored as the milliseconds that they say', async () => {
  const delays = ['5s', '1.5m', 7] as const
  const row = await stored(URL_TEXT, {
    retry: {
      backoff: { max: '0.5h', delays },
      maxAttempts: Number.POSITIVE_INFINITY,
      onStatus: { 429: { base: '1m' } },
    },
    timeout: '2.5s',
    delay: '1d',
    expiresAfter: '36h',
    dedupe: { key: 'a', for: '7d' },
  })
  expect(row).toMatchObject({ timeoutMs: 2500, backoffMaxMs: 1_800_000, backoffDelays: [5000, 90_000, 7] })
  expect(row).toMatchObject({ maxAttempts: 2_147_483_647, onStatus: { 429: { base: '1m' } } })
  const sinceMs = row.createdAt.getTime()
  expect(row.runAt.getTime() - sinceMs).toBe(86_400_000)
  expect(row.expiresAt!.getTime() - sinceMs).toBe(129_600_000)
  expect(row.dedupeUntil!.getTime() - sinceMs).toBe(604_800_000)
})

test("what a spawn leaves out is the instance's, and what that leaves out is the default", async () => {
  const requeuest = createRequeuest(database.prisma, {
    retry: { backoff: { base: 7 }, maxAttempts: 8 },
    expiresAfter: 60_000,
    accept: ['4xx'],
  })
  const id = await requeuest.spawn('billing', URL_TEXT, { retry: { backoff: { factor: 3 } }, order: 'channel' })
  const row = await database.prisma.httpRequest.findUniqueOrThrow({ where: { id } })
  expect(row).toMatchObject({
    accept: ['4xx'],
    backoffBaseMs: 7,
    backoffFactor: 3,
    backoffMaxMs: 3_600_000,
    backoffJitter: 'full',
    maxAttempts: 8,
    timeoutMs: 30_000,
    maxRedirects: 0,
    priority: 5,
    orderKey: '',
    afterFailure: 'continue',
  })
  expect(row.expiresAt!.getTime() - row.createdAt.getTime()).toBe(60_000)
  expect(row.runAt).toEqual(row.createdAt)
})

test('a delay and an expiry count from the insert, on the clock of the database', async () => {
  const row = await stored(URL_TEXT, { delay: 90_000, expiresAfter: 120_000 })
  expect(row.runAt.getTime() - row.createdAt.getTime()).toBe(90_000)
  expect(row.expiresAt!.getTime() - row.createdAt.getTime()).toBe(120_000)
})

test("a spawn's own expiry outweighs the instance's, in either form", async () => {
  const requeuest = createRequeuest(database.prisma, { expiresAfter: 1000 })
  const expiresAt = new Date(Date.UTC(2031, 0, 1))
  const byDate = await requeuest.find(await requeuest.spawn('billing', URL_TEXT, { expiresAt }))
  const bySpan = await requeuest.find(await requeuest.spawn('billing', URL_TEXT, { expiresAfter: 5000 }))
  const rows = await database.prisma.httpRequest.findMany({ where: { id: { in: [byDate!.id, bySpan!.id] } } })
  const of = (id: string) => rows.find((row) => row.id === id)!
  expect(of(byDate!.id).expiresAt).toEqual(expiresAt)
  expect(of(bySpan!.id).expiresAt!.getTime() - of(bySpan!.id).createdAt.getTime()).toBe(5000)
})

test('the longest spans and the furthest dates can be stored', async () => {
  const span = 100 * 365 * 86_400_000
  const row = await stored(URL_TEXT, { delay: span, expiresAfter: span })
  expect(row.runAt.getTime() - row.createdAt.getTime()).toBe(span)
  const id = await createRequeuest(database.prisma).spawn('billing', URL_TEXT, {
    runAt: new Date(0),
    expiresAt: new Date(Date.UTC(10_000, 0) - 1),
  })
  const found = await createRequeuest(database.prisma).find(id)
  expect(found?.runAt).toEqual(new Date(0))
})

test('a channel may be any readable text of up to 200 characters', async () => {
  const requeuest = createRequeuest(database.prisma)
  for (const channel of ['a', 'x'.repeat(200), 'größe/日本 😀 "quoted" \'; DROP TABLE', 'all']) {
    const id = await requeuest.spawn(channel, URL_TEXT, { order: { key: channel } })
    expect(await requeuest.find(id)).toMatchObject({ channel, orderKey: channel })
  }
})
