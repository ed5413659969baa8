import { randomBytes } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import { type DuplicateAction, DuplicateRequestError, http, type Requeuest } from '../../src/index.ts'
import { claimRequests } from '../../src/store/claims.ts'
import { claim, claimTerms, response, settleAll } from '../support/factory.ts'
import { connect, createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
let prisma: PrismaClient
let requeuest: Requeuest
beforeEach(() => {
  prisma = database.prisma
  requeuest = createRequeuest(prisma)
})

const url = 'http://example.com/'
const letter = (body: string) => http.post(url, { body })
const rows = () => prisma.httpRequest.findMany({ orderBy: { id: 'asc' } })
const bodyOf = async (id: string) => String(Buffer.from((await requeuest.find(id))!.body!))

class Rollback extends Error {}

/** Makes a request the one of its state. */
async function bring(id: string, state: 'pending' | 'retrying' | 'claimed' | 'delivered' | 'failed' | 'cancelled') {
  if (state === 'pending') return
  if (state === 'cancelled') return void (await requeuest.cancel(id))
  const [held] = await claim(prisma, { channel: 'a' })
  if (state === 'claimed') return
  const decision = {
    retrying: { outcome: 'rejected', state: 'pending', delayMs: 0 },
    delivered: { outcome: 'accepted', state: 'delivered' },
    failed: { outcome: 'rejected', state: 'failed', failureCode: 'attempts_exhausted' },
  } as const
  await settleAll(prisma, [{ claim: held!, delivery: response(200), decision: decision[state], workerId: 'worker-1' }])
}

const STATES = ['pending', 'retrying', 'claimed', 'delivered', 'failed', 'cancelled'] as const

test.each(STATES)('onDuplicate keep leaves the one that is there as it is, and returns its id: %s', async (state) => {
  const id = await requeuest.spawn('a', letter('first'), { dedupe: { key: 'one' } })
  await bring(id, state)
  const before = await rows()
  expect(await requeuest.spawn('a', letter('second'), { dedupe: { key: 'one' }, priority: 1 })).toBe(id)
  expect(await rows()).toEqual(before)
})

test('onDuplicate keep speaks of one channel and one key, for as long as the row is there', async () => {
  const id = await requeuest.spawn('a', url, { dedupe: { key: 'one' } })
  const others = [
    await requeuest.spawn('b', url, { dedupe: { key: 'one' } }),
    await requeuest.spawn('a', url, { dedupe: { key: 'One' } }),
    await requeuest.spawn('a', url),
  ]
  expect(new Set([id, ...others]).size).toBe(4)
  await prisma.httpRequest.delete({ where: { id } })
  expect(await requeuest.spawn('a', url, { dedupe: { key: 'one' } })).not.toBe(id)
})

test('onDuplicate keep an id of ones own tells whether there was one', async () => {
  const [mine, other] = [crypto.randomUUID(), crypto.randomUUID()]
  expect(await requeuest.spawn('a', url, { id: mine, dedupe: { key: 'one' } })).toBe(mine)
  expect(await requeuest.spawn('a', url, { id: mine, dedupe: { key: 'one', onDuplicate: 'error' } })).toBe(mine)
  expect(await requeuest.spawn('a', url, { id: other, dedupe: { key: 'one' } })).toBe(mine)
  expect(await requeuest.spawn('b', url, { id: mine, dedupe: { key: 'two' } })).toBe(mine)
  expect(await prisma.httpRequest.count()).toBe(1)
})

test('onDuplicate keep a response that is waited for is that of the one that is there', async () => {
  const receiver = await receiverOf(() => ({ body: 'once' }))
  await requeuest.start({ channels: ['a'] })
  const spawn = () => requeuest.spawnReturning('a', receiver.url, { dedupe: { key: 'one' } })
  const responses = await Promise.all([spawn(), spawn(), spawn()])
  expect(responses.map((each) => each.text())).toEqual(['once', 'once', 'once'])
  expect(receiver.requests).toHaveLength(1)
})

test('a row of your own takes a key, and Prisma says when it is taken', async () => {
  const data = { channel: 'a', url, dedupeKey: 'one' }
  const { id } = await prisma.httpRequest.create({ data })
  await expect(prisma.httpRequest.create({ data })).rejects.toMatchObject({ code: 'P2002' })
  expect(await requeuest.spawn('a', url, { dedupe: { key: 'one' } })).toBe(id)
  await expect(prisma.httpRequest.create({ data: { ...data, dedupeKey: '' } })).rejects.toThrow('dedupe_key_check')
})

test('a dedupe window is over when it is over, by the clock of the database', async () => {
  const id = await requeuest.spawn('a', url, { dedupe: { key: 'one', for: 60_000 } })
  const row = await prisma.httpRequest.findUniqueOrThrow({ where: { id } })
  expect(row.dedupeUntil!.getTime() - row.createdAt.getTime()).toBe(60_000)
  expect(await requeuest.spawn('a', url, { dedupe: { key: 'one', for: 1 } })).toBe(id)
  expect(await prisma.httpRequest.findUnique({ where: { id } })).toEqual(row)

  await prisma.$executeRaw`UPDATE requeuest_request SET dedupe_until = now() - interval '1 ms'`
  const next = await requeuest.spawn('a', url, { dedupe: { key: 'one', onDuplicate: 'error' } })
  expect(next).not.toBe(id)
  // The old one keeps its key for the history, and its own life.
  expect(await prisma.httpRequest.findUnique({ where: { id } })).toMatchObject({
    state: 'pending',
    dedupeKey: 'one',
    dedupeOver: true,
  })
  expect(await requeuest.spawn('a', url, { dedupe: { key: 'one' } })).toBe(next)
  expect(await requeuest.cancel({ dedupeKey: 'one' })).toEqual({ matched: 2, cancelled: 2, inFlight: [] })
})

test('onDuplicate error throws the id of the one that is there, and writes nothing', async () => {
  const id = await requeuest.spawn('a', url, { dedupe: { key: 'one' } })
  const before = await rows()
  const error = await requeuest
    .spawn('a', url, { dedupe: { key: 'one', onDuplicate: 'error' } })
    .catch((thrown) => thrown)
  expect(error).toBeInstanceOf(DuplicateRequestError)
  expect(error).toMatchObject({
    name: 'DuplicateRequestError',
    code: 'duplicate_request',
    requestId: id,
    dedupeKey: 'one',
    message: `The channel "a" has a request with the dedupe key "one" already: ${id}.`,
  })
  const item = { request: url, options: { dedupe: { key: 'one', onDuplicate: 'error' } } } as const
  await expect(requeuest.spawnMany('a', [url, item, url])).rejects.toMatchObject({ requestId: id })
  expect(await rows()).toEqual(before)
})

const options = { dedupe: { key: 'one', onDuplicate: 'replace' } } as const

test.each([
  { base: 1, factor: 1.5, max: 3, jitter: 'equal' },
  { delays: [1, 2], max: 3, jitter: 'none' },
] as const)(
  'onDuplicate replace writes the new content and options into one that was not tried yet: %o',
  async (backoff) => {
    const id = await requeuest.spawn('a', letter('first'), { dedupe: { key: 'one', for: 60_000 }, delay: 60_000 })
    const created = await prisma.httpRequest.findUniqueOrThrow({ where: { id } })
    const runAt = new Date(Date.UTC(2030, 0, 1, 0, 0, 0, 123))
    const request = http.put('https://other.example/', { body: 'second', headers: { 'x-a': 'ü' } })
    const more = {
      priority: 1,
      runAt,
      expiresAfter: 5000,
      accept: [404, '5xx'],
      timeout: 7,
      retry: { maxAttempts: 3, onStatus: { 410: 'fail' } },
    } as const
    expect(await requeuest.spawn('a', request, { ...options, ...more, retry: { backoff }, maxRedirects: 2 })).toBe(id)

    // The same as if it had been spawned so in the first place.
    const likewise = await requeuest.spawn('b', request, { ...options, ...more, retry: { backoff }, maxRedirects: 2 })
    const [replaced, fresh] = await Promise.all(
      [id, likewise].map((each) => prisma.httpRequest.findUniqueOrThrow({ where: { id: each } })),
    )
    expect(replaced).toEqual({
      ...fresh,
      id,
      channel: 'a',
      createdAt: created.createdAt,
      expiresAt: replaced!.expiresAt,
    })
    expect(replaced!.expiresAt!.getTime()).toBeGreaterThan(created.createdAt.getTime() + 4999)
    expect(replaced!.dedupeUntil).toBeNull()
    expect(await prisma.httpRequest.count()).toBe(2)
  },
)

test.each(STATES.slice(1))(
  'onDuplicate replace spawns anew beside one that was tried or is final, and stops that: %s',
  async (state) => {
    const id = await requeuest.spawn('a', letter('first'), { dedupe: { key: 'one' } })
    await bring(id, state)
    const next = await requeuest.spawn('a', letter('second'), options)
    expect(next).not.toBe(id)
    const live = ['retrying', 'claimed'].includes(state)
    const first = await prisma.httpRequest.findUniqueOrThrow({ where: { id }, include: { attempts: true } })
    expect(first).toMatchObject({ state: live ? 'cancelled' : state, dedupeOver: true })
    if (state === 'claimed') expect(first.attempts).toMatchObject([{ outcome: 'abandoned', errorCode: 'cancelled' }])
    expect(await bodyOf(id)).toBe('first')
    expect(await requeuest.find(next)).toMatchObject({ state: 'pending', attemptCount: 0 })
    // And that one is replaced in turn.
    expect(await requeuest.spawn('a', letter('third'), options)).toBe(next)
    expect(await bodyOf(next)).toBe('third')
  },
)

test.each(['claimed', 'retrying'])(
  'onDuplicate replace does not rewrite one that a worker tries at the same moment: %s',
  async (state) => {
    const id = await requeuest.spawn('a', letter('first'), { dedupe: { key: 'one' } })
    let spawning: Promise<string> | undefined
    await prisma.$transaction(async (tx) => {
      const [held] = await claimRequests(tx, claimTerms({ channels: ['a'] }))
      if (state === 'retrying') {
        // As if it had been tried.
        await tx.httpRequest.update({ where: { id: held!.id }, data: { state: 'pending', claimedBy: null } })
      }
      spawning = requeuest.spawn('a', letter('second'), options)
      await lockWaiter()
    })
    const next = await spawning!.catch((error: Error) => error.message)
    expect((await rows()).map((row) => [row.id, row.state, String(Buffer.from(row.body!))])).toEqual([
      [id, 'cancelled', 'first'],
      [next, 'pending', 'second'],
    ])
  },
)

test('onDuplicate replace does not rewrite one that a worker takes between the look at it and its lock', async () => {
  const id = await requeuest.spawn('a', letter('first'), { dedupe: { key: 'one' } })
  const watched = prisma.$extends({
    query: {
      async $queryRaw({ args, query }) {
        const found = await query(args)
        if (args.sql.includes('"isOver"')) await claim(prisma, { channel: 'a' })
        return found
      },
    },
  })
  const next = await createRequeuest(watched as never).spawn('a', letter('second'), options)
  expect((await rows()).map((row) => [row.id, row.state, String(Buffer.from(row.body!))])).toEqual([
    [id, 'cancelled', 'first'],
    [next, 'pending', 'second'],
  ])
})

test('onDuplicate replace spawns anew when the one that it would rewrite is deleted at the same moment', async () => {
  const id = await requeuest.spawn('a', letter('first'), { dedupe: { key: 'one' } })
  let spawning: Promise<string> | undefined
  await prisma.$transaction(async (tx) => {
    await tx.httpRequest.delete({ where: { id } })
    spawning = requeuest.spawn('a', letter('second'), options)
    await lockWaiter()
  })
  const next = await spawning!
  expect(await rows()).toMatchObject([{ id: next, state: 'pending', dedupeKey: 'one' }])
})

test('onDuplicate replace keeps the place in the same line, and leaves another one', async () => {
  const inLine = { ...options, order: { key: 'k' } }
  const first = await requeuest.spawn('a', letter('first'), { order: { key: 'k' } })
  const second = await requeuest.spawn('a', letter('second'), inLine)
  const third = await requeuest.spawn('a', letter('third'), { order: { key: 'k' } })
  expect(await requeuest.spawn('a', letter('new second'), inLine)).toBe(second)
  const seqs = await prisma.httpRequest.findMany({ orderBy: { orderSeq: 'asc' } })
  expect(seqs.map((row) => row.id)).toEqual([first, second, third])
  const outside = await requeuest.spawn('a', letter('outside'), options)
  expect(outside).not.toBe(second)
  expect(await requeuest.find(second)).toMatchObject({ state: 'cancelled' })
  expect(await requeuest.find(outside)).toMatchObject({ orderKey: null, blocked: false })
})

test('onDuplicate replace of an encrypted one is readable', async () => {
  const encryption = { keys: { k1: randomBytes(32) }, current: 'k1' }
  const receiver = await receiverOf()
  const secretive = createRequeuest(prisma, { encryption })
  const id = await secretive.spawn('a', letter('first'), { dedupe: { key: 'one' } })
  const request = http.post(receiver.url, { body: 'second', headers: { 'x-token': 'canary' } })
  expect(await secretive.spawn('a', request, options)).toBe(id)
  expect(await prisma.httpRequest.findUnique({ where: { id } })).toMatchObject({ encryptionKey: 'k1' })
  await secretive.start({ channels: ['a'] })
  await secretive.waitFor(id)
  expect(String(receiver.requests[0]!.body)).toBe('second')
  expect(receiver.requests[0]!.headers['x-token']).toBe('canary')
})

test.each(['keep', 'replace', 'error'] as const)(
  'a dedupe key in a transaction: leaves it usable, whatever it does: %s',
  async (onDuplicate) => {
    const id = await requeuest.spawn('a', letter('first'), { dedupe: { key: 'one' } })
    await prisma.$transaction(async (tx) => {
      const spawning = requeuest.spawn('a', letter('second'), { tx, dedupe: { key: 'one', onDuplicate } })
      if (onDuplicate === 'error') await expect(spawning).rejects.toMatchObject({ requestId: id })
      else expect(await spawning).toBe(id)
      await requeuest.spawn('a', letter('other'), { tx, dedupe: { key: 'two', onDuplicate } })
    })
    expect(await prisma.httpRequest.count()).toBe(2)
    expect(await bodyOf(id)).toBe(onDuplicate === 'replace' ? 'second' : 'first')
  },
)

test('a dedupe key in a transaction: counts only when that commits, and the key is free again when it does not', async () => {
  const id = await requeuest.spawn('a', letter('first'), { dedupe: { key: 'one' } })
  const rolledBack = prisma.$transaction(async (tx) => {
    await requeuest.spawn('a', letter('second'), { tx, dedupe: { key: 'one', onDuplicate: 'replace' } })
    await requeuest.spawn('a', letter('third'), { tx, dedupe: { key: 'two' } })
    throw new Rollback()
  })
  await expect(rolledBack).rejects.toThrow(Rollback)
  expect(await bodyOf(id)).toBe('first')
  await requeuest.spawn('a', letter('third'), { dedupe: { key: 'two', onDuplicate: 'error' } })
})

test.each<[DuplicateAction, boolean, string[]]>([
  ['keep', true, ['first']],
  ['replace', true, ['second']],
  ['error', true, ['first']],
  ['keep', false, ['second']],
  ['replace', false, ['second']],
  ['error', false, ['second']],
])(
  'a dedupe key in a transaction: the second of two waits for the first, and then does %s; it commits: %s',
  async (onDuplicate, commits, bodies) => {
    const other = connect(database.url)
    let second: Promise<unknown> | undefined
    const first = prisma.$transaction(async (tx) => {
      const id = await requeuest.spawn('a', letter('first'), { tx, dedupe: { key: 'one' } })
      second = other
        .$transaction(async (otherTx) => {
          const options = { tx: otherTx, dedupe: { key: 'one', onDuplicate } }
          const spawned = await requeuest.spawn('a', letter('second'), options).catch((error) => error.requestId)
          await otherTx.httpRequest.count()
          return spawned
        })
        .catch((error: Error) => error)
      await lockWaiter()
      if (!commits) throw new Rollback()
      return id
    })
    const id = await first.catch(() => null)
    if (id === null) expect(await second).toEqual(expect.any(String))
    else expect(await second).toBe(id)
    expect((await rows()).map((row) => String(Buffer.from(row.body!)))).toEqual(bodies)
  },
)

test('a dedupe key in a transaction: of a fixed snapshot it fails, as whatever meets a later change does there', async () => {
  const working = prisma.$transaction(
    async (tx) => {
      await tx.httpRequest.count()
      await requeuest.spawn('a', url, { dedupe: { key: 'one' } })
      await requeuest.spawn('a', url, { tx, dedupe: { key: 'one' } })
    },
    { isolationLevel: 'RepeatableRead' },
  )
  await expect(working).rejects.toMatchObject({ code: 'database_error', message: /serialize access/ })
  expect(await prisma.httpRequest.count()).toBe(1)
})

test.each(['keep', 'replace'] as const)('of many at once there is one: %s', async (onDuplicate) => {
  const spawns = Array.from({ length: 12 }, (_, n) =>
    requeuest.spawn('a', letter(`${n}`), { dedupe: { key: 'one', onDuplicate } }),
  )
  const ids = new Set(await Promise.all(spawns))
  expect(ids.size).toBe(1)
  expect((await rows()).map((row) => row.id)).toEqual([...ids])
})

test('while a worker takes them, the last one is sent whole, and none is lost', async () => {
  const receiver = await receiverOf()
  await requeuest.start({ channels: ['a'] })
  const ids: string[] = []
  for (let n = 0; n < 60; n++) {
    const options = { dedupe: { key: 'one', onDuplicate: 'replace' } } as const
    ids.push(await requeuest.spawn('a', http.post(receiver.url, { body: `${n}` }), options))
  }
  const last = ids.at(-1)!
  await requeuest.waitFor(last)
  const sent = receiver.requests.filter((request) => request.headers['idempotency-key'] === last)
  expect(sent.map((request) => String(request.body))).toEqual(['59'])
  expect(await prisma.httpRequest.count({ where: { state: { in: ['pending', 'claimed'] } } })).toBe(0)
  expect(await prisma.httpRequest.count({ where: { dedupeOver: false } })).toBe(1)
})

/** Resolves when some session waits for a lock. */
async function lockWaiter(): Promise<void> {
  for (;;) {
    const [row] = await prisma.$queryRaw<[{ waiting: number }]>`
      SELECT count(*)::int AS waiting FROM pg_stat_activity
      WHERE wait_event_type = 'Lock' AND datname = current_database()`
    if (row.waiting > 0) return
  }
}
