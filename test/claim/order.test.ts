import { beforeEach, expect, test } from 'vitest'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import { Apart } from '../../src/maintenance/apart.ts'
import { unblockLinesOnce } from '../../src/maintenance/unblocker.ts'
import type { Decision } from '../../src/policy/outcome.ts'
import type { ClaimedRequest } from '../../src/policy/request.ts'
import type { PrismaTransactionLike } from '../../src/store/db.ts'
import { claim, endLeases, rescue, response, settleAll } from '../support/factory.ts'
import { createRequeuest, useDatabase } from '../support/fixture.ts'
import { entriesRead } from '../support/reads.ts'

const quiet = () => new Apart(() => 0)
const database = useDatabase()
let prisma: PrismaClient
beforeEach(() => {
  prisma = database.prisma
})

const DELIVERED: Decision = { outcome: 'accepted', state: 'delivered' }
const FAILED: Decision = { outcome: 'rejected', state: 'failed', failureCode: 'attempts_exhausted' }
const RETRY: Decision = { outcome: 'rejected', state: 'pending', delayMs: 0 }

async function spawnInLine(count: number, key = 'order:1', options: { afterFailure?: 'continue' | 'hold' } = {}) {
  const requeuest = createRequeuest(prisma)
  const ids: string[] = []
  for (let i = 0; i < count; i++) {
    ids.push(await requeuest.spawn('test', `http://example.com/${i}`, { order: { key, ...options } }))
  }
  return ids
}

async function settle(claimed: ClaimedRequest | undefined, decision: Decision, db: PrismaTransactionLike = prisma) {
  await settleAll(db, [{ claim: claimed!, delivery: response(200), decision, workerId: 'worker-1' }])
}

async function claimOne(db: PrismaTransactionLike = prisma): Promise<ClaimedRequest | undefined> {
  const claims = await claim(db)
  expect(claims.length).toBeLessThanOrEqual(1)
  return claims[0]
}

test('a line lets the next one through only when the one before is final', async () => {
  const ids = await spawnInLine(3)
  for (const id of ids) {
    const claimed = await claimOne()
    expect(claimed?.id).toBe(id)
    expect(await claimOne()).toBeUndefined()
    await settle(claimed, RETRY)
    const again = await claimOne()
    expect(again?.id).toBe(id)
    await settle(again, DELIVERED)
  }
  expect(await claimOne()).toBeUndefined()
})

test('a line is gone when nobody stands in it, and can be begun anew', async () => {
  const [first] = await spawnInLine(1)
  await settle(await claimOne(), DELIVERED)
  expect(await prisma.httpLine.count()).toBe(0)
  const [second] = await spawnInLine(1)
  expect((await claimOne())?.id).toBe(second)
  expect(first).not.toBe(second)
})

test('a line holds up neither other lines nor unordered requests of its channel', async () => {
  await spawnInLine(2, 'a')
  await spawnInLine(2, 'b')
  const requeuest = createRequeuest(prisma)
  await requeuest.spawn('test', 'http://example.com/channel', { order: 'channel' })
  await requeuest.spawn('test', 'http://example.com/free')
  expect(await claim(prisma)).toHaveLength(4)
})

test('a line keeps the order of a batch, whatever its ids are', async () => {
  const requeuest = createRequeuest(prisma)
  const ids = await requeuest.spawnMany('test', ['http://a.test/', 'http://b.test/', 'http://c.test/'], {
    order: 'channel',
  })
  for (const id of ids) {
    const claimed = await claimOne()
    expect(claimed?.id).toBe(id)
    await settle(claimed, DELIVERED)
  }
})

test('a line goes on behind a request that failed for good', async () => {
  const [, second] = await spawnInLine(2)
  await settle(await claimOne(), FAILED)
  expect((await claimOne())?.id).toBe(second)
})

test('a line goes on behind requests that are cancelled, wherever they stand', async () => {
  const [first, second, third] = await spawnInLine(3)
  await prisma.httpRequest.update({ where: { id: second! }, data: { state: 'cancelled' } })
  await prisma.httpRequest.update({ where: { id: first! }, data: { state: 'cancelled' } })
  expect((await claimOne())?.id).toBe(third)
})

test('a line waits for a request that is cancelled while it is being sent', async () => {
  const [first, second] = await spawnInLine(2)
  const sending = await claimOne()
  await prisma.httpRequest.update({ where: { id: first! }, data: { state: 'cancelled' } })
  expect((await unblockLinesOnce(prisma, quiet())).left).toBe(1)
  expect(await claimOne()).toBeUndefined()
  await settle(sending, DELIVERED)
  expect((await unblockLinesOnce(prisma, quiet())).left).toBe(0)
  expect((await claimOne())?.id).toBe(second)
})

test('a line goes on when its head is deleted', async () => {
  const [first, second] = await spawnInLine(2)
  await prisma.httpRequest.delete({ where: { id: first! } })
  expect((await claimOne())?.id).toBe(second)
  await prisma.httpRequest.deleteMany()
  expect(await prisma.httpLine.count()).toBe(0)
})

test('a line is left clean when all of it is cancelled at once', async () => {
  await spawnInLine(5)
  expect(await createRequeuest(prisma).clear({ channel: 'test' })).toBe(5)
  expect(await claimOne()).toBeUndefined()
  expect(await prisma.httpLine.count()).toBe(0)
})

test('a line takes hand-made rows too', async () => {
  const data = { channel: 'test', url: 'http://example.com/', orderKey: 'order:1' }
  const first = await prisma.httpRequest.create({ data })
  const second = await prisma.httpRequest.create({ data })
  expect([first.blocked, second.blocked]).toEqual([false, true])
})

test('a line keeps no trace of a repeated spawn', async () => {
  const requeuest = createRequeuest(prisma)
  const id = await requeuest.spawn('test', 'http://example.com/', { order: 'channel' })
  await settle(await claimOne(), DELIVERED)
  await requeuest.spawn('test', 'http://example.com/', { order: 'channel', id })
  expect(await prisma.httpLine.count()).toBe(0)
})

test('costs the same however long the line is, even while an old snapshot keeps dead rows', async () => {
  const requeuest = createRequeuest(prisma)
  await requeuest.spawnMany('test', Array(3000).fill('http://example.com/'), { order: 'channel' })
  await prisma.$executeRaw`ANALYZE requeuest_request`
  await prisma.$transaction(
    async (tx) => {
      await tx.httpRequest.count()
      for (let i = 0; i < 200; i++) await settle(await claimOne(), DELIVERED)
      const reads = await entriesRead(prisma, 'requeuest_request_line_idx', async (tx) => {
        await requeuest.spawn('test', 'http://example.com/', { order: 'channel', tx })
        await settle(await claimOne(tx), DELIVERED, tx)
      })
      expect(reads).toBeGreaterThan(0)
      expect(reads).toBeLessThan(20)
    },
    { isolationLevel: 'RepeatableRead', timeout: 20_000 },
  )
})

test('a held line stands still until it is released, and is visible', async () => {
  const requeuest = createRequeuest(prisma)
  const [first, second] = await spawnInLine(2, 'order:1', { afterFailure: 'hold' })
  await settle(await claimOne(), FAILED)
  expect(await claimOne()).toBeUndefined()
  const [third] = await spawnInLine(1)
  expect(await claimOne()).toBeUndefined()
  expect(await prisma.httpLine.findMany({ where: { heldById: { not: null } } })).toMatchObject([
    { channel: 'test', orderKey: 'order:1', heldById: first, heldAt: expect.any(Date) },
  ])
  expect(await requeuest.release({ channel: 'test', key: 'order:1' })).toBe(true)
  expect(await requeuest.release({ channel: 'test', key: 'order:1' })).toBe(false)
  const next = await claimOne()
  expect(next?.id).toBe(second)
  await settle(next, DELIVERED)
  expect((await claimOne())?.id).toBe(third)
})

test.each([
  ['a channel', { channel: 'test' }],
  ['a channel and the key that its row has', { channel: 'test', key: '' }],
])('a held line of a whole channel is released by %s', async (_, target) => {
  const requeuest = createRequeuest(prisma)
  const hold = { order: { channel: true, afterFailure: 'hold' } } as const
  await requeuest.spawnMany('test', ['http://a.test/', 'http://b.test/'], hold)
  await settle(await claimOne(), FAILED)
  expect(await claimOne()).toBeUndefined()
  expect(await requeuest.release({ channel: 'test', key: 'another' })).toBe(false)
  expect(await prisma.httpLine.findMany()).toMatchObject([{ orderKey: '', heldById: expect.any(String) }])
  expect(await requeuest.release(target)).toBe(true)
  expect(await claimOne()).toBeDefined()
})

test('a held line is released with the transaction that asks for it, and not without', async () => {
  const requeuest = createRequeuest(prisma)
  const [, second] = await spawnInLine(2, 'order:1', { afterFailure: 'hold' })
  await settle(await claimOne(), FAILED)
  const target = { channel: 'test', key: 'order:1' }
  const rolledBack = prisma.$transaction(async (tx) => {
    expect(await requeuest.release(target, { tx })).toBe(true)
    expect(await requeuest.release(target, { tx })).toBe(false)
    throw new Error('rolled back')
  })
  await expect(rolledBack).rejects.toThrow('rolled back')
  expect(await prisma.httpLine.findMany()).toMatchObject([{ heldById: expect.any(String) }])
  expect(await claimOne()).toBeUndefined()
  await prisma.$transaction(async (tx) => {
    await requeuest.release(target, { tx })
    // Nobody else sees it before it is committed.
    expect(await claimOne()).toBeUndefined()
  })
  expect((await claimOne())?.id).toBe(second)
})

test('a held line is removed when it is released with nobody left in it', async () => {
  await spawnInLine(1, 'order:1', { afterFailure: 'hold' })
  await settle(await claimOne(), FAILED)
  expect(await createRequeuest(prisma).release({ channel: 'test', key: 'order:1' })).toBe(true)
  expect(await prisma.httpLine.count()).toBe(0)
})

test('a line under concurrency: places follow the order of commit', async () => {
  const requeuest = createRequeuest(prisma)
  let secondSpawned: Promise<string> | undefined
  const first = await prisma.$transaction(async (tx) => {
    const id = await requeuest.spawn('test', 'http://example.com/1', { tx, order: 'channel' })
    secondSpawned = requeuest.spawn('test', 'http://example.com/2', { order: 'channel' })
    // The second spawn is in the database's lock queue now, and must stay behind this transaction.
    await lockWaiter()
    return id
  })
  const second = await secondSpawned
  const rows = await prisma.httpRequest.findMany({ orderBy: { orderSeq: 'asc' } })
  expect(rows.map((row) => row.id)).toEqual([first, second])
})

test('a line under concurrency: a spawn that is not committed yet is not forgotten when the one before settles', async () => {
  const requeuest = createRequeuest(prisma)
  await spawnInLine(1)
  const claimed = await claimOne()
  const successor = await prisma.$transaction(async (tx) => {
    const id = await requeuest.spawn('test', 'http://example.com/2', { tx, order: { key: 'order:1' } })
    await settle(claimed, DELIVERED)
    expect(await prisma.httpRequest.count({ where: { unblockDue: true } })).toBe(1)
    expect((await unblockLinesOnce(prisma, quiet())).left).toBe(1)
    return id
  })
  expect(await claimOne()).toBeUndefined()
  expect((await unblockLinesOnce(prisma, quiet())).left).toBe(0)
  expect((await claimOne())?.id).toBe(successor)
})

test('a line under concurrency: a late success waits for the worker that may still be sending', async () => {
  const [, second] = await spawnInLine(2)
  const first = await claimOne()
  await endLeases(prisma)
  await rescue(prisma, 10)
  await claimOne()
  await settle(first, DELIVERED)
  expect((await unblockLinesOnce(prisma, quiet())).left).toBe(1)
  expect(await claimOne()).toBeUndefined()
  await prisma.$executeRaw`UPDATE requeuest_request SET lease_until = now() WHERE id = ${first!.id}::uuid`
  expect((await unblockLinesOnce(prisma, quiet())).left).toBe(0)
  expect((await claimOne())?.id).toBe(second)
})

test('a line under concurrency: a serializable transaction is refused rather than given a wrong place', async () => {
  const requeuest = createRequeuest(prisma)
  const racing = prisma.$transaction(
    async (tx) => {
      await tx.httpRequest.count()
      await requeuest.spawn('test', 'http://example.com/1', { order: 'channel' })
      await requeuest.spawn('test', 'http://example.com/2', { tx, order: 'channel' })
    },
    { isolationLevel: 'Serializable' },
  )
  await expect(racing).rejects.toMatchObject({ code: 'database_error' })
  expect(await prisma.httpRequest.count()).toBe(1)
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
