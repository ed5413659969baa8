import { beforeEach, describe, expect, test } from 'vitest'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import {
  http,
  type Requeuest,
  type SpawnManyDedupeOptions,
  type SpawnManyItem,
  type SpawnManyOptions,
} from '../../src/index.ts'
import { wrapClient } from '../faults/wrapped-client.ts'
import { connect, createRequeuest, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
let prisma: PrismaClient
let requeuest: Requeuest
beforeEach(() => {
  prisma = database.prisma
  requeuest = createRequeuest(prisma)
})

const url = 'http://example.com/'
const MANY = 10_000

/** The rows of the ids, in their order. */
async function rowsOf(ids: readonly string[]) {
  const rows = new Map((await prisma.httpRequest.findMany()).map((row) => [row.id, row]))
  return ids.map((id) => rows.get(id)!)
}

test('each request has its own options, and those of all where it has none', async () => {
  const runAt = new Date(Date.UTC(2030, 0, 1))
  const id = crypto.randomUUID()
  const common = { priority: 2, delay: 60_000, expiresAfter: 90_000, retry: { backoff: { base: 5 }, maxAttempts: 9 } }
  const ids = await requeuest.spawnMany(
    'a',
    [
      url,
      { request: http.post(url, { json: 1 }), options: { priority: 0, runAt, retry: { backoff: { factor: 3 } } } },
      { request: url, options: { id: id.toUpperCase(), expiresAt: runAt, order: { key: 'k', afterFailure: 'hold' } } },
      { request: new URL(url), options: {} },
      { request: new Request(url), options: { accept: [404], timeout: undefined as never } },
      { request: url },
    ],
    common,
  )
  const rows = await rowsOf(ids)
  const plain = { priority: 2, maxAttempts: 9, backoffBaseMs: 5, backoffFactor: 1, orderKey: null, accept: ['2xx'] }
  expect(rows).toMatchObject([
    plain,
    { ...plain, method: 'POST', priority: 0, runAt, backoffFactor: 3 },
    { ...plain, id, expiresAt: runAt, orderKey: 'k', afterFailure: 'hold' },
    plain,
    { ...plain, accept: ['404'], timeoutMs: 30_000 },
    plain,
  ])
  const [first, second, third] = rows
  expect(first!.runAt.getTime() - first!.createdAt.getTime()).toBe(60_000)
  expect(second!.expiresAt!.getTime() - second!.createdAt.getTime()).toBe(90_000)
  expect(third!.runAt.getTime() - third!.createdAt.getTime()).toBe(60_000)
})

test.each([
  ['by itself', (work: (tx?: PrismaClient) => Promise<string[]>) => work()],
  [
    'in a transaction',
    (work: (tx?: PrismaClient) => Promise<string[]>) => prisma.$transaction((tx) => work(tx as PrismaClient)),
  ],
])(
  'a batch of which some have ids of their own can be spawned again, and leaves those as they are: %s',
  async (_, run) => {
    const items = (priority: number): (SpawnManyItem | string)[] => [
      url,
      { request: url, options: { id: '018f3c1e-0000-7000-8000-000000000001', priority } },
      url,
      { request: url, options: { id: '018f3c1e-0000-7000-8000-000000000002', priority } },
    ]
    const spawn = (priority: number) => run((tx) => requeuest.spawnMany('a', items(priority), tx ? { tx } : {}))
    const first = await spawn(1)
    const again = spawn(2)
    await expect(again).resolves.toHaveLength(4)
    const second = await again
    expect(await prisma.httpRequest.count()).toBe(6)
    expect([second[1], second[3]]).toEqual([first[1], first[3]])
    expect((await rowsOf(second)).map((row) => row.priority)).toEqual([5, 1, 5, 1])
  },
)

test('a batch takes the locks of its lines in the same order as any other', async () => {
  const inLine = (key: string) => ({ request: url, options: { order: { key } } })
  await requeuest.spawnMany('a', [inLine('a'), inLine('b')])
  const lock = (key: string) =>
    prisma.$queryRaw`SELECT FROM requeuest_line WHERE order_key = ${key} FOR UPDATE SKIP LOCKED`.then(
      (rows) => (rows as unknown[]).length,
    )
  let spawning: Promise<string[]> | undefined
  await prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT FROM requeuest_line WHERE order_key = 'b' FOR UPDATE`
    spawning = requeuest.spawnMany('a', [inLine('b'), inLine('a'), inLine('b')])
    await expect.poll(() => lock('a')).toBe(0)
  })
  const ids = await spawning!
  const rows = await rowsOf(ids)
  expect(rows[0]!.orderSeq! < rows[2]!.orderSeq!).toBe(true)
})

const keyed = (body: string, key: string, terms: SpawnManyDedupeOptions = {}): SpawnManyItem => ({
  request: http.post(url, { body }),
  options: { dedupe: { key, ...terms } },
})
const bodies = async () =>
  (await prisma.httpRequest.findMany({ orderBy: { dedupeKey: 'asc' } })).map((row) => String(Buffer.from(row.body!)))

test('dedupe keys in one spawnMany: the first of each key stays, and all of that key have its id', async () => {
  const [a, b, again, none] = await requeuest.spawnMany('a', [
    keyed('a', 'a'),
    keyed('b', 'b'),
    keyed('again', 'a'),
    http.post(url, { body: 'none' }),
  ])
  expect(again).toBe(a)
  expect(new Set([a, b, none]).size).toBe(3)
  expect(await bodies()).toEqual(['a', 'b', 'none'])
})

test('dedupe keys in one spawnMany: the last of each key takes the place where that is asked for, also of one that is there', async () => {
  const there = await requeuest.spawn('a', http.post(url, { body: 'there' }), { dedupe: { key: 'b' } })
  const options: SpawnManyOptions = { dedupe: { onDuplicate: 'replace' } }
  const requests = [
    keyed('a1', 'a'),
    keyed('b1', 'b'),
    keyed('a2', 'a'),
    keyed('b2', 'b'),
    keyed('kept', 'a', { onDuplicate: 'keep' }),
  ]
  const ids = await requeuest.spawnMany('a', requests, options)
  expect(ids).toEqual([ids[0], there, ids[0], there, ids[0]])
  expect(await bodies()).toEqual(['a2', 'b2'])
})

test('dedupe keys in one spawnMany: those that shall not be there twice are refused, and nothing is written', async () => {
  const error = { dedupe: { onDuplicate: 'error' } } as const
  const twice = requeuest.spawnMany('a', [url, keyed('1', 'a'), keyed('2', 'b'), keyed('3', 'a')], error)
  await expect(twice).rejects.toMatchObject({
    code: 'invalid_input',
    field: 'requests[3].options.dedupe.key',
    message: expect.stringContaining('different from that of requests[1]'),
  })
  expect(await prisma.httpRequest.count()).toBe(0)
})

test('dedupe keys in one spawnMany: what another transaction writes meanwhile undoes nothing and leaves nothing half done', async () => {
  const other = connect(database.url)
  let spawning: Promise<string[]> | undefined
  const requests = [keyed('1', 'a'), keyed('2', 'b', { onDuplicate: 'replace' }), http.post(url, { body: 'free' })]
  const [a, b] = await other.$transaction(async (tx) => {
    const ids = await requeuest.spawnMany('a', [keyed('first a', 'a'), keyed('first b', 'b')], { tx })
    spawning = requeuest.spawnMany('a', requests)
    for (;;) {
      const [row] = await prisma.$queryRaw<[{ count: number }]>`
          SELECT count(*)::int FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`
      if (row.count > 0) return ids
    }
  })
  expect((await spawning)!.slice(0, 2)).toEqual([a, b])
  expect(await bodies()).toEqual(['first a', '2', 'free'])
})

describe(`${MANY} in one call`, { timeout: 30_000 }, () => {
  /** What the calls asked of the database: by the first statement of each transaction. */
  let asked: string[]
  beforeEach(() => {
    asked = []
    const client = wrapClient(prisma, (call) => {
      asked.push(call.name)
      return call.run()
    })
    requeuest = createRequeuest(client as PrismaClient, { notify: false })
  })

  const items = (more: (n: number) => SpawnManyItem['options']) =>
    Array.from({ length: MANY }, (_, n): SpawnManyItem => {
      return { request: http.post(`${url}${n}`, { json: { n } }), options: { priority: n % 10, ...more(n) } }
    })

  test('with options of their own', async () => {
    const ids = await requeuest.spawnMany(
      'a',
      items(() => ({})),
      { delay: 1000 },
    )
    expect(new Set(ids).size).toBe(MANY)
    const rows = await rowsOf([ids[0]!, ids[MANY - 1]!])
    expect(rows).toMatchObject([
      { url: `${url}0`, priority: 0 },
      { url: `${url}${MANY - 1}`, priority: 9 },
    ])
    expect(await prisma.httpRequest.count()).toBe(MANY)
    expect(asked).toEqual(['insertRequests'])
  })

  test('with a key each: kept, replaced, and all or nothing', async () => {
    const withKeys = items((n) => ({ dedupe: { key: `key ${n}` } }))
    const ids = await requeuest.spawnMany('a', withKeys)
    expect(await prisma.httpRequest.count()).toBe(MANY)
    expect(await requeuest.spawnMany('a', withKeys)).toEqual(ids)
    const replacing = items((n) => ({ dedupe: { key: `key ${n}`, onDuplicate: 'replace' }, timeout: 7 }))
    expect(await requeuest.spawnMany('a', replacing)).toEqual(ids)
    expect(await prisma.httpRequest.count({ where: { timeoutMs: 7 } })).toBe(MANY)
    const first = ['inOpenTransaction', 'insertRequests']
    const kept = [...first, 'findMissing', 'selectHolders']
    expect(asked).toEqual([...first, ...kept, ...kept, 'lockHolders', 'replaceUntried'])
    const onceOnly = items((n) => ({ dedupe: { key: `key ${n + 1}`, onDuplicate: 'error' } }))
    await expect(requeuest.spawnMany('a', onceOnly)).rejects.toMatchObject({ code: 'duplicate_request' })
    const last = { request: url, options: { dedupe: { key: 'new' }, timeout: 0 } }
    await expect(requeuest.spawnMany('b', [...withKeys, last])).rejects.toMatchObject({
      field: `requests[${MANY}].options.timeout`,
    })
    expect(await prisma.httpRequest.count()).toBe(MANY)
  })
})

const BAD: [what: string, requests: unknown, options: unknown, field: string, message: string][] = [
  [
    'a key for all',
    [url],
    { dedupe: { key: 'one' } },
    'options.dedupe.key',
    'omitted: each request has one of its own',
  ],
  ['an id for all', [url], { id: crypto.randomUUID() }, 'options.id', 'omitted: each request has one of its own'],
  ['a window of nothing for all', [url], { dedupe: { for: 0 } }, 'options.dedupe.for', 'from 1 ms to'],
  [
    'an unknown answer for all',
    [url],
    { dedupe: { onDuplicate: 'skip' } },
    'options.dedupe.onDuplicate',
    "one of 'keep', 'replace', 'error'",
  ],
  [
    'an option that is wrong',
    [url, { request: url, options: { priority: 10 } }],
    {},
    'requests[1].options.priority',
    'from 0 to 9',
  ],
  [
    'an unknown option',
    [{ request: url, options: { prioritty: 1 } }],
    {},
    'requests[0].options.prioritty',
    '`priority`',
  ],
  ['a tx of ones own', [{ request: url, options: { tx: {} } }], {}, 'requests[0].options.tx', 'given once, for all'],
  [
    'an id that another one has',
    [
      { request: url, options: { id: '019ab000-0000-7000-8000-00000000000a' } },
      url,
      { request: `${url}other`, options: { id: '019AB000-0000-7000-8000-00000000000A' } },
    ],
    {},
    'requests[2].options.id',
    'different from that of requests[0]',
  ],
  ['options that are none', [{ request: url, options: 5 }], {}, 'requests[0].options', 'an object'],
  ['a misspelt part', [{ request: url, option: {} }], {}, 'requests[0].option', 'it knows `request` and `options`'],
  [
    'a request that is wrong',
    [{ request: 'ftp://x/' }],
    {},
    'requests[0].request.url',
    'an absolute http or https URL',
  ],
  ['no request', [{ request: undefined }], {}, 'requests[0].request', 'a URL, a Request or an object'],
  [
    'two times',
    [{ request: url, options: { runAt: new Date(), delay: 1 } }],
    {},
    'requests[0].options.delay',
    'omitted',
  ],
  [
    'a window without a key',
    [{ request: url, options: { dedupe: { for: 5 } } }],
    {},
    'requests[0].options.dedupe.key',
    'a text of 1 to 200 characters',
  ],
  [
    'a hold without a line',
    [{ request: url, options: { afterFailure: 'hold' } }],
    {},
    'requests[0].options.afterFailure',
    'did you mean `order.afterFailure`?',
  ],
]

test.each(BAD)('is refused, and nothing is written: %s', async (_, requests, options, field, message) => {
  await expect(requeuest.spawnMany('a', requests as never, options as never)).rejects.toMatchObject({
    code: 'invalid_input',
    field,
    message: expect.stringContaining(message),
  })
  expect(await prisma.httpRequest.count()).toBe(0)
})

test.each([
  ['waits one by one instead of growing ones', { delays: ['5s'] }, { base: '3s', factor: 3 }, [5000]],
  ['growing waits instead of those one by one', { base: '3s' }, { delays: ['5s'] }, []],
] as const)('the backoff of one takes the place of that of all: %s', async (_, own, common, delays) => {
  const item = { request: url, options: { retry: { backoff: own } } }
  const [id] = await requeuest.spawnMany('a', [item], { retry: { backoff: common } })
  expect(await prisma.httpRequest.findUniqueOrThrow({ where: { id: id! } })).toMatchObject({ backoffDelays: delays })
})

test.each([
  ['retry', { retry: [] }],
  ['retry.backoff', { retry: { backoff: [] } }],
])('a list as %s of one is refused beside that of all', async (field, options) => {
  const spawning = requeuest.spawnMany('a', [{ request: url, options: options as never }], {
    retry: { maxAttempts: 3, backoff: { base: 5 } },
  })
  await expect(spawning).rejects.toMatchObject({ code: 'invalid_input', field: `requests[0].options.${field}` })
})
