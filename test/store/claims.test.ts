import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import { toClaimedRequest } from '../../src/store/claimed-row.ts'
import { claimRequests, releaseClaims, releaseUnknownClaims, scanOrigins } from '../../src/store/claims.ts'
import type { PrismaTransactionLike } from '../../src/store/db.ts'
import { listPendingChannels } from '../../src/store/pending.ts'
import { selectSettings } from '../../src/store/settings.ts'
import { claim, claimTerms, endLeases, rescue } from '../support/factory.ts'
import { useDatabase } from '../support/fixture.ts'
import { entriesRead } from '../support/reads.ts'

const database = useDatabase()
let prisma: PrismaClient
beforeEach(() => {
  prisma = database.prisma
})

const url = 'http://example.com/'

async function create(channel: string, count: number, more: { priority?: number; delayMs?: number } = {}) {
  await prisma.$executeRaw`
    INSERT INTO requeuest_request (id, channel, url, priority, run_at)
    SELECT gen_random_uuid(), ${channel}, ${url}, ${more.priority ?? 5}::smallint,
      now() + ${more.delayMs ?? -1}::int * interval '1 ms'
    FROM generate_series(1, ${count}::int)`
}

const claimFrom = async (channels: string[], limit: number) =>
  (await claimRequests(prisma, claimTerms({ channels, limit }))).map(toClaimedRequest)

test('stamps what it claims before anything is sent', async () => {
  await prisma.httpRequest.create({ data: { channel: 'test', url, timeoutMs: 7000 } })
  await claim(prisma)
  const [row] = await prisma.httpRequest.findMany()
  expect(row).toMatchObject({ state: 'claimed', attemptCount: 1, claimedBy: 'worker-1' })
  expect(row!.leaseUntil!.getTime() - row!.claimedAt!.getTime()).toBe(37_000)
})

test('keeps time by the clock of the database alone', async () => {
  await prisma.httpRequest.create({ data: { channel: 'test', url, timeoutMs: 7000 } })
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  await claim(prisma)
  const [row] = await prisma.$queryRaw<[{ ageMs: number; leftMs: number }]>`
    SELECT (extract(epoch FROM now() - claimed_at) * 1000)::float8 AS "ageMs",
      (extract(epoch FROM lease_until - now()) * 1000)::float8 AS "leftMs"
    FROM requeuest_request`
  expect(row.ageMs).toBeLessThan(60_000)
  expect(row.leftMs).toBeLessThanOrEqual(37_000)
})

test('takes lower priority numbers first, then what is due longest', async () => {
  const at = (ms: number) => new Date(Date.now() - ms)
  for (const [name, priority, ms] of [
    ['late', 5, 10],
    ['urgent', 0, 1],
    ['early', 5, 9000],
    ['idle', 9, 9999],
  ] as const) {
    await prisma.httpRequest.create({
      data: { channel: 'test', url: `http://example.com/${name}`, priority, runAt: at(ms) },
    })
  }
  const names: string[] = []
  for (let i = 0; i < 4; i++)
    names.push(...(await claim(prisma, { limit: 1 })).map((row) => row.url.split('/').at(-1)!))
  expect(names).toEqual(['urgent', 'early', 'late', 'idle'])
})

test('leaves what is not due', async () => {
  await create('test', 3, { delayMs: 60_000 })
  expect(await claim(prisma)).toEqual([])
})

test('leaves channels that were not asked for', async () => {
  await create('other', 1)
  expect(await claim(prisma)).toEqual([])
})

test('shares its slots between channels', async () => {
  await create('big', 500)
  await create('small', 5)
  const rows = await claimFrom(['big', 'small'], 20)
  const counts = new Map<string, number>()
  for (const row of rows) counts.set(row.channel, (counts.get(row.channel) ?? 0) + 1)
  expect(counts.get('small')).toBe(5)
  expect(counts.get('big')).toBe(10)
})

test('never takes more than it was asked to', async () => {
  for (const channel of ['a', 'b', 'c']) {
    await create(channel, 10, { priority: 1 })
    await create(channel, 10, { priority: 2 })
  }
  expect(await claimFrom(['a', 'b', 'c'], 7)).toHaveLength(7)
  expect(await prisma.httpRequest.count({ where: { state: 'claimed' } })).toBe(7)
})

test('gives no request to two claims that run at once', async () => {
  await create('test', 400)
  const claims = await Promise.all(Array.from({ length: 8 }, () => claimFrom(['test'], 50)))
  const ids = claims.flat().map((row) => row.id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids).toHaveLength(400)
})

test('gives back what was not sent, with the attempt unspent', async () => {
  await create('test', 1)
  const [row] = await claim(prisma)
  expect(await releaseClaims(prisma, [row!])).toBe(1)
  expect(await prisma.httpRequest.findFirst()).toMatchObject({ state: 'pending', attemptCount: 0, claimedBy: null })
  expect(await prisma.httpAttempt.count()).toBe(0)
  expect(await releaseClaims(prisma, [row!])).toBe(0)
})

test('does not give back what another worker has claimed since', async () => {
  await create('test', 1)
  const [lost] = await claim(prisma)
  await endLeases(prisma)
  await rescue(prisma, 1)
  await claim(prisma, { workerId: 'worker-2' })
  expect(await releaseClaims(prisma, [lost!])).toBe(0)
  expect(await prisma.httpRequest.findFirst()).toMatchObject({ claimedBy: 'worker-2', attemptCount: 2 })
})

test('gives back what a worker does not know that it has', async () => {
  await create('test', 3)
  const [known] = await claim(prisma, { limit: 1 })
  await claim(prisma, { limit: 1 })
  await claim(prisma, { limit: 1, workerId: 'worker-2' })
  expect(await releaseUnknownClaims(prisma, 'worker-1', [known!.id])).toBe(1)
  const claimed = await prisma.httpRequest.findMany({ where: { state: 'claimed' } })
  expect(new Set(claimed.map((row) => row.claimedBy))).toEqual(new Set(['worker-1', 'worker-2']))
})

test('finds the channels that have work, and when the next is due', async () => {
  await create('b', 50)
  await create('a', 50, { delayMs: 5000, priority: 1 })
  await create('a', 1, { delayMs: 2000, priority: 7 })
  expect((await listPendingChannels(prisma)).map((row) => row.channel)).toEqual(['a', 'b'])
  const dueInMs = async (channels: string[] | null) =>
    (await selectSettings(prisma, channels, 'worker-1', true, []))[0]!.dueInMs
  expect(await dueInMs(['a'])).toBeGreaterThan(1000)
  expect(await dueInMs(['a'])).toBeLessThanOrEqual(2000)
  expect(await dueInMs(['a', 'b'])).toBeLessThanOrEqual(0)
  expect(await dueInMs(null)).toBeLessThanOrEqual(0)
  expect(await dueInMs(['none'])).toBeNull()
  await prisma.httpRequest.deleteMany({ where: { channel: 'b' } })
  expect(await dueInMs(null)).toBeGreaterThan(1000)
  await prisma.httpRequest.deleteMany()
  expect(await dueInMs(null)).toBeNull()
})

// A queue is full and empty by turns, so the planner may believe either when the other is true.
test.each(['empty', 'full'])(
  'reads no more than it needs, however much waits: a planner that believes the table %s',
  async (belief) => {
    await prisma.$executeRaw`TRUNCATE requeuest_request CASCADE`
    if (belief === 'empty') await prisma.$executeRaw`ANALYZE requeuest_request`
    await create('test', 4_000)
    await create('test', 4_000, { delayMs: 3_600_000, priority: 0 })
    if (belief === 'full') await prisma.$executeRaw`ANALYZE requeuest_request`
    const origin = 'http://example.com'
    const reads = {
      claim: await readsOf((tx) => claimRequests(tx, claimTerms({ limit: 10 }))),
      lanes: await readsOf((tx) => scanOrigins(tx, new Map([['test', '']]), 200)),
      lane: await readsOf((tx) =>
        claimRequests(tx, claimTerms({ limit: 10, lanes: [{ channel: 'test', origin, priority: 5 }] })),
      ),
      due: await readsOf((tx) => selectSettings(tx, ['test'], 'worker-1', true, [])),
      'due anywhere': await readsOf((tx) => selectSettings(tx, null, 'worker-1', true, [])),
      channels: await readsOf((tx) => listPendingChannels(tx)),
    }
    expect(reads.claim).toBeGreaterThanOrEqual(10)
    for (const [statement, count] of Object.entries(reads)) expect(count, statement).toBeLessThan(200)
  },
)

const readsOf = (work: (tx: PrismaTransactionLike) => PromiseLike<unknown>) =>
  entriesRead(prisma, 'requeuest_request%', work)

test('gives each origin no more than its room, and looks only into the lanes that it is given', async () => {
  const at = (origin: string, count: number) =>
    prisma.httpRequest.createMany({ data: Array(count).fill({ channel: 'test', url: `${origin}/x`, origin }) })
  await at('http://a', 10)
  await at('http://b', 10)
  await at('http://c', 10)
  const claimed = async (more: Parameters<typeof claimTerms>[0]) => {
    const rows = await claimRequests(
      prisma,
      claimTerms({ rooms: new Map([['http://a', 1]]), limitPerOrigin: 3, ...more }),
    )
    return rows.map((row) => toClaimedRequest(row).origin).toSorted()
  }
  expect(await claimed({})).toEqual(['http://a', ...Array(3).fill('http://b'), ...Array(3).fill('http://c')])
  const lanes = [{ channel: 'test', origin: 'http://c', priority: 5 }]
  expect(await claimed({ lanes })).toEqual(Array(3).fill('http://c'))
  expect(await claimed({ lanes, limit: 2 })).toEqual(Array(2).fill('http://c'))
})

describe('the origin of a hand-made row', () => {
  const create = (data: { url: string; origin?: string }) =>
    prisma.httpRequest.create({ data: { channel: 'test', ...data } })

  test('is left for a worker to read', async () => {
    expect(await create({ url: 'https://Example.COM/path' })).toMatchObject({ origin: '' })
  })

  test('is kept where the URL begins with it, as in a copy', async () => {
    const origin = 'http://a.test'
    expect(await create({ url: 'http://a.test/x', origin })).toMatchObject({ origin })
  })

  test('is not kept where the URL was changed in a copy, or later', async () => {
    expect(await create({ url: 'http://b.test/x', origin: 'http://a.test' })).toMatchObject({ origin: '' })
    const { id } = await create({ url: 'http://a.test/x', origin: 'http://a.test' })
    expect(await prisma.httpRequest.update({ where: { id }, data: { url: 'http://b.test/' } })).toMatchObject({
      origin: '',
    })
  })
})
