import { expectTypeOf } from 'vitest'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import { type Duration, type HttpRequestParts, http, type OrderOptions, type Requeuest } from '../../src/index.ts'

declare const requeuest: Requeuest
declare const prisma: PrismaClient
const url = 'https://example.com/'

// Every documented form of request.
void requeuest.spawn('billing', url)
void requeuest.spawn('billing', new URL(url))
void requeuest.spawn('billing', new Request(url))
void requeuest.spawn('billing', { url })
void requeuest.spawn('billing', { method: 'PUT', url: new URL(url), headers: { a: ['b', 'c'], d: 'e' }, body: 'text' })
void requeuest.spawnMany('billing', [url, new URL(url), new Request(url), { url }, http.get(url)])
for (const make of [http.get, http.head, http.post, http.put, http.patch, http.delete]) {
  expectTypeOf(make(url, { json: { any: 'thing' }, headers: [['a', 'b']] })).toEqualTypeOf<HttpRequestParts>()
  expectTypeOf(make(new URL(url))).toEqualTypeOf<HttpRequestParts>()
}

// Headers and bodies in every documented kind.
const pairs = [['a', 'b']] as const
void requeuest.spawn('billing', { url, headers: new Headers() })
void requeuest.spawn('billing', { url, headers: new Map([['a', 'b']]) })
void requeuest.spawn('billing', { url, headers: pairs })
for (const body of [
  'text',
  new Uint8Array(),
  Buffer.from(''),
  new ArrayBuffer(1),
  new URLSearchParams(),
  new FormData(),
  new Blob([]),
  new ReadableStream<Uint8Array>(),
  (async function* () {
    yield new Uint8Array()
    yield 'text'
  })(),
]) {
  void requeuest.spawn('billing', http.post(url, { body }))
}

// Every option of one spawn.
void requeuest.spawn('billing', url, {
  tx: prisma,
  id: 'id',
  priority: 0,
  order: { key: 'a', afterFailure: 'hold' },
  dedupe: { key: 'a', for: '7d', onDuplicate: 'replace' },
  delay: 5,
  runAt: new Date(),
  expiresAt: new Date(),
  expiresAfter: '1.5h',
  accept: [404, '404', '400-410', '2xx', '3xx', '4xx', '5xx'],
  retry: {
    maxAttempts: Number.POSITIVE_INFINITY,
    backoff: { base: '1s', factor: 2, max: '1h', jitter: 'none' },
    onStatus: { '4xx': 'fail', 429: { delays: ['1m', 5000] } },
  },
  timeout: '30s',
  maxRedirects: 3,
})
void requeuest.spawn('billing', url, { order: 'channel' })
void requeuest.spawn('billing', url, { order: { channel: true, afterFailure: 'hold' } })
void requeuest.spawnMany('billing', [{ request: url, options: { dedupe: { key: 'a' } } }], { dedupe: { for: '7d' } })

// A time: a number of milliseconds, or a number and a unit.
expectTypeOf<number>().toExtend<Duration>()
for (const time of ['0ms', '1.5s', '90m', '12h', '7d'] as const) expectTypeOf(time).toExtend<Duration>()
expectTypeOf<string>().not.toExtend<Duration>()
expectTypeOf<'7 days'>().not.toExtend<Duration>()
expectTypeOf<'7w'>().not.toExtend<Duration>()
expectTypeOf<'s'>().not.toExtend<Duration>()
expectTypeOf<'1d12h'>().not.toExtend<Duration>()
expectTypeOf<bigint | null | Date>().not.toExtend<Duration>()
expectTypeOf<OrderOptions>().exclude<string>().toExtend<{ afterFailure?: 'continue' | 'hold' }>()
const rules: readonly (404 | '2xx')[] = [404, '2xx']
void requeuest.spawn('billing', url, { accept: rules })

// Wrong requests.
// @ts-expect-error a number as channel
void requeuest.spawn(5, url)
// @ts-expect-error no request
void requeuest.spawn('billing')
// @ts-expect-error a number as request
void requeuest.spawn('billing', 5)
// @ts-expect-error null as request
void requeuest.spawn('billing', null)
// @ts-expect-error no URL
void requeuest.spawn('billing', { method: 'POST' })
// @ts-expect-error misspelt
void requeuest.spawn('billing', { url, header: {} })
// @ts-expect-error a number as header value
void requeuest.spawn('billing', { url, headers: { a: 5 } })
// @ts-expect-error a text as headers
void requeuest.spawn('billing', { url, headers: 'a: b' })
// @ts-expect-error a number as body
void requeuest.spawn('billing', http.post(url, { body: 5 }))
// @ts-expect-error an object as body, which is what `json` is for
void requeuest.spawn('billing', http.post(url, { body: { a: 1 } }))
// @ts-expect-error a method where http.post knows it
void requeuest.spawn('billing', http.post(url, { method: 'PUT' }))
// @ts-expect-error a text as init
void http.post(url, 'text')
// @ts-expect-error one request instead of a list
void requeuest.spawnMany('billing', { url })
// @ts-expect-error undefined in the list
void requeuest.spawnMany('billing', [url, undefined])

// Wrong options.
// @ts-expect-error an unknown class
void requeuest.spawn('billing', url, { accept: ['6xx'] })
// @ts-expect-error a class of interim responses
void requeuest.spawn('billing', url, { accept: ['1xx'] })
// @ts-expect-error a word
void requeuest.spawn('billing', url, { accept: ['ok'] })
// @ts-expect-error not a list
void requeuest.spawn('billing', url, { accept: '2xx' })
// @ts-expect-error an unknown jitter
void requeuest.spawn('billing', url, { retry: { backoff: { jitter: 'x' } } })
// @ts-expect-error an unknown key
void requeuest.spawn('billing', url, { retry: { backoff: { first: 5 } } })
// @ts-expect-error words
void requeuest.spawn('billing', url, { dedupe: { key: 'a', for: '7 days' } })
// @ts-expect-error no key
void requeuest.spawn('billing', url, { dedupe: { for: '7d' } })
// @ts-expect-error no unit
void requeuest.spawn('billing', url, { delay: '5' })
// @ts-expect-error a unit that there is not
void requeuest.spawn('billing', url, { expiresAfter: '2w' })
// @ts-expect-error a text of any kind
void requeuest.spawn('billing', url, { timeout: String(5) })
// @ts-expect-error one wait is no list
void requeuest.spawn('billing', url, { retry: { backoff: { delays: '5s' } } })
// @ts-expect-error a text as number of attempts
void requeuest.spawn('billing', url, { retry: { maxAttempts: 'Infinity' } })
// @ts-expect-error an old name
void requeuest.spawn('billing', url, { timeoutMs: 5 })
// @ts-expect-error an old name
void requeuest.spawn('billing', url, { delayMs: 5 })
// @ts-expect-error an old place
void requeuest.spawn('billing', url, { maxAttempts: 5 })
// @ts-expect-error an old place
void requeuest.spawn('billing', url, { dedupeKey: 'a' })
// @ts-expect-error an old place
void requeuest.spawn('billing', url, { redirect: { max: 3 } })
// @ts-expect-error two lines
void requeuest.spawn('billing', url, { order: { key: 'a', channel: true } })
// @ts-expect-error each of many has a key of its own
void requeuest.spawnMany('billing', [url], { dedupe: { key: 'a' } })
// @ts-expect-error a word as order
void requeuest.spawn('billing', url, { order: 'foo' })
// @ts-expect-error no key
void requeuest.spawn('billing', url, { order: {} })
// @ts-expect-error an unknown choice
void requeuest.spawn('billing', url, { order: { channel: true, afterFailure: 'stop' } })
// @ts-expect-error a number as date
void requeuest.spawn('billing', url, { runAt: 5 })
// @ts-expect-error a text as date
void requeuest.spawn('billing', url, { expiresAt: '2030-01-01' })
// @ts-expect-error misspelt
void requeuest.spawn('billing', url, { retry: { maxAttempt: 5 } })
// @ts-expect-error an option of the instance
void requeuest.spawn('billing', url, { maxBodyBytes: 5 })
// @ts-expect-error no transaction client
void requeuest.spawn('billing', url, { tx: {} })
// @ts-expect-error a promise of a transaction
void requeuest.spawn('billing', url, { tx: prisma.$transaction(async (tx) => tx) })
// @ts-expect-error each of many has an id of its own
void requeuest.spawnMany('billing', [url], { id: 'id' })
// @ts-expect-error nobody can wait inside of a transaction
void requeuest.spawnReturning('billing', url, { tx: prisma })
// @ts-expect-error a controller is no signal
void requeuest.spawnReturning('billing', url, { signal: new AbortController() })
// @ts-expect-error only a waiting spawn waits
void requeuest.spawn('billing', url, { waitTimeout: 5 })
// @ts-expect-error null
void requeuest.spawn('billing', url, null)
