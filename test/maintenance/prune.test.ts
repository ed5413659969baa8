import { expect, test } from 'vitest'
import { Apart } from '../../src/maintenance/apart.ts'
import { hasLimits, pruneOnce } from '../../src/maintenance/pruner.ts'
import { type RetentionOptions, resolveRetention } from '../../src/policy/retention.ts'
import { replaceAttemptContents, replaceRequestContents } from '../../src/store/encrypted.ts'
import { deleteBodies, deleteRequests, findOldBodies, findOldRequests } from '../../src/store/retention.ts'
import { claim, response, settleAll } from '../support/factory.ts'
import { connect, createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const quiet = () => new Apart(() => 0)
const database = useDatabase()
const url = 'http://example.com/'
const DAY_MS = 86_400_000

/** Prunes once. Returns the wait until the next time. */
function prune(options: RetentionOptions): Promise<number> {
  return pruneOnce(database.prisma, resolveRetention(options), () => 0, { requests: quiet(), bodies: quiet() })
}

/** A final request that has been so for some days, with bodies and an attempt. */
async function finished(state: 'delivered' | 'failed' | 'cancelled', days: number, more = {}) {
  const finishedAt = new Date(Date.now() - days * DAY_MS)
  const attempt = { number: 1, outcome: 'accepted', startedAt: finishedAt, durationMs: 1, workerId: 'w' } as const
  const request = await database.prisma.httpRequest.create({
    data: {
      ...{ channel: 'test', url, state, finishedAt, body: Buffer.from('question'), headers: [['x-a', '1']] },
      attempts: { create: { ...attempt, headers: [['x-b', '2']], body: Buffer.from('answer'), bodySize: 6 } },
      ...more,
    },
  })
  return request.id
}

const idsLeft = async () => (await database.prisma.httpRequest.findMany()).map(({ id }) => id).sort()

test('each final state is kept for its time, cancelled ones as failed ones, and attempts go with their requests', async () => {
  const kept = [await finished('delivered', 6), await finished('failed', 89), await finished('cancelled', 89)]
  for (const state of ['delivered', 'failed', 'cancelled'] as const) await finished(state, 91)
  await prune({ delivered: '7d', failed: '90d' })
  expect(await idsLeft()).toEqual(kept.sort())
  expect(await database.prisma.httpAttempt.count()).toBe(3)

  await prune({ cancelled: '1d' })
  expect(await idsLeft()).toEqual(kept.slice(0, 2).sort())
})

test('what is not final is kept, however old, and so is everything without a limit', async () => {
  await database.prisma.httpRequest.createMany({
    data: [{ channel: 'test', url, createdAt: new Date(0), runAt: new Date(0) }],
  })
  await finished('delivered', 1000)
  expect(hasLimits(resolveRetention({}))).toBe(false)
  await prune({})
  await prune({ failed: '1m' })
  expect(await database.prisma.httpRequest.count()).toBe(2)
  await prune({ delivered: '1m' })
  expect(await database.prisma.httpRequest.findMany()).toMatchObject([{ state: 'pending' }])
})

test('the failed request that holds its line stays, and the line stands, until it is released', async () => {
  const { prisma } = database
  const requeuest = createRequeuest(prisma)
  const line = { channel: 'test', url, orderKey: 'line', afterFailure: 'hold' } as const
  const head = await prisma.httpRequest.create({ data: line })
  const next = await prisma.httpRequest.create({ data: line })
  const past = new Date(Date.now() - 2 * DAY_MS)
  await prisma.httpRequest.update({ where: { id: head.id }, data: { state: 'failed', finishedAt: past } })
  await finished('failed', 2, { orderKey: 'line' })
  await prune({ failed: '1d' })
  expect(await idsLeft()).toEqual([head.id, next.id].sort())
  expect(await prisma.httpLine.findMany()).toMatchObject([{ heldById: head.id }])

  await requeuest.release({ channel: 'test', key: 'line' })
  await prune({ failed: '1d' })
  expect(await prisma.httpRequest.findMany()).toMatchObject([{ id: next.id, blocked: false }])
})

test('a request that has the next one to unblock stays: to delete it would wait for its line', async () => {
  const id = await finished('delivered', 2, { orderKey: 'line' })
  await database.prisma.httpRequest.update({ where: { id }, data: { unblockDue: true } })
  await prune({ delivered: '1d' })
  expect(await idsLeft()).toEqual([id])
})

test('a row that is locked is left for another time, and the rest is deleted', async () => {
  const { prisma } = database
  const locked = await finished('delivered', 3)
  await finished('delivered', 2)
  await prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT id FROM requeuest_request WHERE id = ${locked}::uuid FOR KEY SHARE`
    await prune({ delivered: '1d' })
    expect(await idsLeft()).toEqual([locked])
  })
  await prune({ delivered: '1d' })
  expect(await idsLeft()).toEqual([])
})

test('a batch that is not committed yet holds up neither a claim nor a settle nor a spawn', async () => {
  const { prisma } = database
  const requeuest = createRequeuest(prisma)
  await finished('delivered', 2)
  await finished('failed', 2)
  await requeuest.spawn('test', url)
  await connect(database.url).$transaction(async (tx) => {
    const old = await findOldRequests(tx, resolveRetention({ delivered: '1d' }), 10, [])
    expect(
      await deleteRequests(
        tx,
        old.map(({ id }) => id),
      ),
    ).toBe(1)
    const bodies = await findOldBodies(tx, DAY_MS, 10, [])
    expect(
      await deleteBodies(
        tx,
        bodies.map(({ id }) => id),
      ),
    ).toBe(1)
    const [claimed] = await claim(prisma)
    const decision = { outcome: 'accepted', state: 'delivered' } as const
    await settleAll(prisma, [{ claim: claimed!, delivery: response(200), decision, workerId: 'worker-1' }])
    await requeuest.spawn('test', url)
  })
  const states = (await prisma.httpRequest.findMany()).map(({ state }) => state)
  expect(states.sort()).toEqual(['delivered', 'failed', 'pending'])
})

test('any number of processes may prune at once, but only one does; after a full batch it goes on soon', async () => {
  const { prisma } = database
  await prisma.$executeRaw`
    INSERT INTO requeuest_request (id, channel, url, state, finished_at)
    SELECT gen_random_uuid(), 'test', ${url}, 'delivered', now() - interval '2 days' FROM generate_series(1, 3000)`
  const waits = await Promise.all(Array.from({ length: 5 }, () => prune({ delivered: '1d' })))
  const full = waits.filter((ms) => ms < 30_000).length
  expect(full).toBeGreaterThan(0)
  expect(await prisma.httpRequest.count()).toBe(3000 - 500 * full)

  const next = await prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtext('requeuest_old_requests'))) AS held`
    const left = await prisma.httpRequest.count()
    const wait = await prune({ delivered: '1d' })
    expect(await prisma.httpRequest.count()).toBe(left)
    return wait
  })
  expect(next).toBe(30_000)
  while ((await prune({ delivered: '1d' })) < 30_000);
  expect(await prisma.httpRequest.count()).toBe(0)
})

test('bodies go first: the rest of the history stays, and says so', async () => {
  const { prisma } = database
  const young = await finished('delivered', 0)
  const old = await finished('delivered', 2)
  await prune({ delivered: '7d', bodies: '1d' })
  const requeuest = createRequeuest(prisma)
  expect(await requeuest.find(young)).toMatchObject({
    body: new Uint8Array(Buffer.from('question')),
    bodiesPruned: false,
  })
  expect(await requeuest.find(old)).toMatchObject({
    body: null,
    bodiesPruned: true,
    headers: [['x-a', '1']],
    attempts: [{ body: null, bodyTruncated: true, bodySize: 6, headers: [['x-b', '2']] }],
  })
  // Found by the other half of the index.
  await prune({ delivered: '1d', bodies: '1d' })
  expect(await idsLeft()).toEqual([young])
})

test('who waits for a response whose body is gone gets the rest of it, and is told', async () => {
  const { prisma } = database
  const receiver = await receiverOf(() => ({ body: '{"a":1}' }))
  const requeuest = createRequeuest(prisma)
  await requeuest.start({ channels: ['test'] })
  const id = await requeuest.spawn('test', receiver.url)
  expect((await requeuest.waitFor(id)).json()).toEqual({ a: 1 })
  await prisma.$executeRaw`UPDATE requeuest_request SET finished_at = now() - interval '2 days'`
  await prune({ bodies: '1d' })
  const response = await requeuest.waitFor(id)
  expect(response).toMatchObject({ status: 200, bodyTruncated: true, body: new Uint8Array() })
  expect(() => response.json()).toThrow(expect.objectContaining({ code: 'response_truncated' }))
})

test('the bodies of a request that a worker without a claim may still be sending stay until its lease is over', async () => {
  const { prisma } = database
  const leaseUntil = new Date(Date.now() + 60_000)
  const id = await finished('cancelled', 2, { leaseUntil })
  await prune({ bodies: '1d' })
  expect(await prisma.httpRequest.findUnique({ where: { id } })).toMatchObject({ bodiesPruned: false })
  await prisma.httpRequest.update({ where: { id }, data: { leaseUntil: new Date(Date.now() - 1) } })
  await prune({ bodies: '1d' })
  expect(await prisma.httpRequest.findUnique({ where: { id } })).toMatchObject({ bodiesPruned: true, body: null })
})

test('a change of the encryption key brings no body back that was deleted in between', async () => {
  const { prisma } = database
  const id = await finished('delivered', 2, { encryptionKey: 'old' })
  await prisma.httpAttempt.updateMany({ data: { encryptionKey: 'old' } })
  const body = Buffer.from('brought back')
  const stored = { headers: 'AAAA', body, encryptionKey: 'new' }
  await prune({ bodies: '1d' })
  expect(await replaceRequestContents(prisma, 'old', [{ id, ...stored }])).toBe(1)
  expect(await replaceAttemptContents(prisma, 'old', [{ requestId: id, number: 1, ...stored }])).toBe(1)
  expect(await prisma.httpRequest.findFirst({ include: { attempts: true } })).toMatchObject({
    ...{ body: null, encryptionKey: 'new' },
    attempts: [{ body: null, encryptionKey: 'new' }],
  })
})

test('a worker prunes by itself', async () => {
  const { prisma } = database
  await finished('delivered', 2)
  const old = await finished('failed', 2)
  const requeuest = createRequeuest(prisma, { retention: { delivered: '1d', bodies: '1d' } })
  await requeuest.start({ channels: ['test'] })
  await expect.poll(idsLeft, { timeout: 10_000 }).toEqual([old])
  await expect.poll(() => prisma.httpRequest.findFirst(), { timeout: 10_000 }).toMatchObject({ bodiesPruned: true })
})

test('rows that were settled by a worker are found', async () => {
  const { prisma } = database
  await prisma.httpRequest.create({ data: { channel: 'test', url } })
  const [claimed] = await claim(prisma)
  const decision = { outcome: 'accepted', state: 'delivered' } as const
  await settleAll(prisma, [{ claim: claimed!, delivery: response(200), decision, workerId: 'w' }])
  await prune({ delivered: '1m' })
  expect(await prisma.httpRequest.count()).toBe(1)
  await prisma.$executeRaw`UPDATE requeuest_request SET finished_at = finished_at - interval '61 s'`
  await prune({ delivered: '1m' })
  expect(await prisma.httpRequest.count()).toBe(0)
})
