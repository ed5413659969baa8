import { beforeEach, expect, test } from 'vitest'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import { Apart } from '../../src/maintenance/apart.ts'
import { unblockLinesOnce } from '../../src/maintenance/unblocker.ts'
import type { Decision } from '../../src/policy/outcome.ts'
import type { ClaimedRequest } from '../../src/policy/request.ts'
import { claim, endLeases, response, settleAll } from '../support/factory.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
let prisma: PrismaClient
beforeEach(() => {
  prisma = database.prisma
})

const url = 'http://example.com/'
const DELIVERED: Decision = { outcome: 'accepted', state: 'delivered' }
const FAILED: Decision = { outcome: 'rejected', state: 'failed', failureCode: 'attempts_exhausted' }

async function settle(claimed: ClaimedRequest | undefined, decision: Decision) {
  await settleAll(prisma, [{ claim: claimed!, delivery: response(200), decision, workerId: 'worker-1' }])
}

/** Claims the only one that there shall be. */
async function claimOne(): Promise<ClaimedRequest | undefined> {
  const claims = await claim(prisma)
  expect(claims.length).toBeLessThanOrEqual(1)
  return claims[0]
}

async function failAll(ids: readonly string[]) {
  const data = { state: 'failed', failureCode: 'attempts_exhausted', finishedAt: new Date() } as const
  await prisma.httpRequest.updateMany({ where: { id: { in: [...ids] } }, data })
}

class Rollback extends Error {}

test('sends what failed again, with the old attempts before the new ones', async () => {
  let status = 500
  const receiver = await receiverOf(() => ({ status }))
  const requeuest = createRequeuest(prisma, { retry: { maxAttempts: 2 } })
  await requeuest.start({ channels: ['a'] })
  const id = await requeuest.spawn('a', receiver.url)
  await expect(requeuest.waitFor(id)).rejects.toMatchObject({ failureCode: 'attempts_exhausted' })
  // As many attempts as before, but no more.
  expect(await requeuest.redrive(id)).toEqual({ matched: 1, redriven: 1 })
  await expect(requeuest.waitFor(id)).rejects.toMatchObject({ failureCode: 'attempts_exhausted' })
  expect(receiver.requests).toHaveLength(4)
  expect(await requeuest.redrive(id, { maxAttempts: 1 })).toEqual({ matched: 1, redriven: 1 })
  await expect(requeuest.waitFor(id)).rejects.toMatchObject({ failureCode: 'attempts_exhausted' })
  expect(receiver.requests).toHaveLength(5)
  status = 204
  await requeuest.redrive({ state: 'failed', lastAttempt: { status: 500 } })
  expect(await requeuest.waitFor(id)).toMatchObject({ status: 204, attempts: 6 })
  const found = await requeuest.find(id)
  expect(found).toMatchObject({ state: 'delivered', failureCode: null })
  expect(found!.attempts.map(({ number, status }) => [number, status])).toEqual([
    ...[1, 2, 3, 4, 5].map((number) => [number, 500]),
    [6, 204],
  ])
  expect(new Set(receiver.requests.map((request) => request.headers['idempotency-key']))).toEqual(new Set([id]))
  expect(await requeuest.redrive(id)).toEqual({ matched: 0, redriven: 0 })
})

test('waits begin anew', async () => {
  const requeuest = createRequeuest(prisma, {
    retry: { backoff: { base: 10, factor: 1000, max: 3_600_000, jitter: 'none' } },
  })
  const id = await requeuest.spawn('a', (await receiverOf(() => ({ status: 500 }))).url)
  await prisma.httpRequest.update({ where: { id }, data: { attemptCount: 5, state: 'failed' } })
  await requeuest.redrive(id)
  const waits: (number | null)[] = []
  const tried = new Promise<void>((resolve) => {
    requeuest.on('attempt', ({ retryInMs }) => {
      if (waits.push(retryInMs) === 2) resolve()
    })
  })
  await requeuest.start({ channels: ['a'] })
  await tried
  expect(waits).toEqual([10, 10_000])
})

test.each([
  ['that is over is dropped', -1000, {}, null],
  ['that is ahead stays', 3_600_000, {}, 3_600_000],
  ['may be given', -1000, { expiresAfter: 60_000 }, 60_000],
])('an expiry %s', async (_, fromNow, options, expected) => {
  const requeuest = createRequeuest(prisma)
  const now = Date.now()
  const id = await requeuest.spawn('a', url, { expiresAt: new Date(now + fromNow) })
  await failAll([id])
  expect(await requeuest.redrive(id, options)).toMatchObject({ redriven: 1 })
  const { expiresAt, state } = await prisma.httpRequest.findUniqueOrThrow({ where: { id } })
  expect(state).toBe('pending')
  if (expected === null) expect(expiresAt).toBeNull()
  else expect(Math.abs(expiresAt!.getTime() - now - expected)).toBeLessThan(30_000)
})

test('what is reset and what is not', async () => {
  const requeuest = createRequeuest(prisma, { retry: { maxAttempts: 7 } })
  const id = await requeuest.spawn('a', url, { priority: 3, dedupe: { key: 'one' } })
  const data = {
    state: 'failed',
    failureCode: 'poison',
    leaseExpiries: 5,
    attemptCount: 5,
    finishedAt: new Date(),
    handlerDueAt: new Date(),
    handlerErrors: 2,
  } as const
  const before = await prisma.httpRequest.update({ where: { id }, data })
  await requeuest.redrive({ failureCode: 'poison' })
  const after = await prisma.httpRequest.findUniqueOrThrow({ where: { id } })
  const reset = {
    state: 'pending',
    failureCode: null,
    finishedAt: null,
    leaseExpiries: 0,
    handlerDueAt: null,
    handlerErrors: 0,
    maxAttempts: 12,
    attemptsBefore: 5,
  }
  expect(after).toEqual({ ...before, ...reset, runAt: after.runAt })
  expect(after.runAt.getTime()).toBeGreaterThan(before.runAt.getTime())
  // The budget cannot grow beyond what the column holds.
  await failAll([id])
  await requeuest.redrive(id, { maxAttempts: Number.POSITIVE_INFINITY })
  expect(await prisma.httpRequest.findUnique({ where: { id } })).toMatchObject({ maxAttempts: 2_147_483_647 })
})

test('leaves what retention has taken the body of', async () => {
  const id = await createRequeuest(prisma).spawn('a', url)
  await failAll([id])
  await prisma.httpRequest.update({ where: { id }, data: { bodiesPruned: true } })
  expect(await createRequeuest(prisma).redrive(id)).toEqual({ matched: 1, redriven: 0 })
})

test('goes in batches, tells how far it is, and a dry run only counts', async () => {
  const requeuest = createRequeuest(prisma)
  const ids = await requeuest.spawnMany('a', Array(2300).fill(url))
  await requeuest.clear({ channel: 'a' })
  const [mine] = await requeuest.spawnMany('b', [url])
  await requeuest.clear({ channel: 'b' })
  const progress: unknown[] = []
  const onProgress = (soFar: unknown) => progress.push(soFar)
  const where = { channel: 'a', state: 'cancelled' } as const
  expect(await requeuest.redrive(where, { dryRun: true, onProgress })).toEqual({ matched: 2300, redriven: 0 })
  expect(progress.splice(0)).toEqual([1000, 2000, 2300].map((matched) => ({ matched, redriven: 0 })))
  expect(await prisma.httpRequest.count({ where: { state: 'pending' } })).toBe(0)
  expect(await requeuest.redrive(where, { onProgress })).toEqual({ matched: 2300, redriven: 2300 })
  expect(progress).toEqual([1000, 2000, 2300].map((count) => ({ matched: count, redriven: count })))
  expect(await prisma.httpRequest.count({ where: { state: 'pending' } })).toBe(ids.length)
  expect(await requeuest.find(mine!)).toMatchObject({ state: 'cancelled' })
})

test('what its progress throws ends it, and what is done stays done', async () => {
  const requeuest = createRequeuest(prisma)
  await requeuest.spawnMany('a', Array(1500).fill(url))
  await requeuest.clear({ channel: 'a' })
  const stop = () => {
    throw new Rollback()
  }
  await expect(requeuest.redrive({ channel: 'a' }, { onProgress: stop })).rejects.toThrow(Rollback)
  expect(await prisma.httpRequest.count({ where: { state: 'pending' } })).toBe(1000)
  expect(await requeuest.redrive({ channel: 'a' })).toEqual({ matched: 500, redriven: 500 })
})

test('ends with what an async listener of its progress rejects with, and lets it work in the same transaction', async () => {
  const requeuest = createRequeuest(prisma)
  const ids = await requeuest.spawnMany('a', Array(2500).fill(url))
  await failAll(ids)
  const reject = async () => {
    throw new Rollback()
  }
  await expect(requeuest.redrive({ channel: 'a' }, { onProgress: reject })).rejects.toThrow(Rollback)
  expect(await prisma.httpRequest.count({ where: { state: 'pending' } })).toBe(1000)
  await prisma.$transaction(
    async (tx) => {
      const onProgress = () => requeuest.cancel(ids[0] as string, { tx })
      expect(await requeuest.redrive({ channel: 'a' }, { tx, onProgress })).toEqual({ matched: 1500, redriven: 1500 })
    },
    { timeout: 30_000 },
  )
  expect(await prisma.httpRequest.count({ where: { state: 'cancelled' } })).toBe(1)
})

test('takes the ids of a query of your own, in your transaction', async () => {
  const requeuest = createRequeuest(prisma)
  const ids = await requeuest.spawnMany('a', Array(1200).fill(url))
  await failAll(ids)
  const run = (end: () => void) =>
    prisma.$transaction(
      async (tx) => {
        const rows = await tx.httpRequest.findMany({ where: { channel: 'a' }, select: { id: true } })
        const where = { id: { in: rows.map((row) => row.id) } }
        expect(await requeuest.redrive(where, { tx })).toEqual({ matched: 1200, redriven: 1200 })
        end()
      },
      { timeout: 20_000 },
    )
  const rollback = () => {
    throw new Rollback()
  }
  await expect(run(rollback)).rejects.toThrow(Rollback)
  expect(await prisma.httpRequest.count({ where: { state: 'pending' } })).toBe(0)
  await run(() => {})
  expect(await prisma.httpRequest.count({ where: { state: 'pending' } })).toBe(1200)
})

test('leaves what was cancelled while it was being sent until that is over', async () => {
  const requeuest = createRequeuest(prisma)
  const [reported, lost] = await requeuest.spawnMany('test', [url, url])
  const claims = await claim(prisma)
  await requeuest.cancel({ channel: 'test' })
  expect(await requeuest.redrive({ channel: 'test' })).toEqual({ matched: 2, redriven: 0 })
  await settle(
    claims.find(({ id }) => id === reported),
    FAILED,
  )
  expect(await requeuest.redrive({ channel: 'test' })).toEqual({ matched: 2, redriven: 1 })
  await prisma.$executeRaw`UPDATE requeuest_request SET lease_until = now() WHERE id = ${lost}::uuid`
  expect(await requeuest.redrive({ channel: 'test' })).toEqual({ matched: 1, redriven: 1 })
  expect((await claim(prisma)).map(({ number }) => number)).toEqual([2, 2])
})

const inLine = (count: number, afterFailure: 'continue' | 'hold' = 'continue') =>
  createRequeuest(prisma).spawnMany('test', Array(count).fill(url), { order: { key: 'k', afterFailure } })

test('a redriven request of a line goes to the end, in the order of the old places', async () => {
  const [first, second, third, fourth] = await inLine(4)
  for (const decision of [FAILED, FAILED]) await settle(await claimOne(), decision)
  const current = await claimOne()
  expect(current?.id).toBe(third)
  const reversed = [second!, first!]
  expect(await createRequeuest(prisma).redrive({ id: { in: reversed } })).toMatchObject({ redriven: 2 })
  expect(await claimOne()).toBeUndefined()
  await settle(current, DELIVERED)
  for (const expected of [fourth, first, second]) {
    const claimed = await claimOne()
    expect(claimed?.id).toBe(expected)
    await settle(claimed, DELIVERED)
  }
  expect(await prisma.httpLine.count()).toBe(0)
})

test('a redriven request of a line begins the line anew when nobody stands in it', async () => {
  const [first, second] = await inLine(2)
  await createRequeuest(prisma).clear({ channel: 'test' })
  expect(await createRequeuest(prisma).redrive({ channel: 'test' })).toMatchObject({ redriven: 2 })
  for (const expected of [first, second]) {
    const claimed = await claimOne()
    expect(claimed?.id).toBe(expected)
    await settle(claimed, DELIVERED)
  }
})

test('a redriven request of a line goes on from its place when it holds the line still, and may hold it again', async () => {
  const [first, second] = await inLine(2, 'hold')
  await settle(await claimOne(), FAILED)
  await createRequeuest(prisma).redrive(first!)
  expect(await prisma.httpLine.findMany()).toMatchObject([{ heldById: null, heldAt: null }])
  const again = await claimOne()
  expect(again?.id).toBe(first)
  await settle(again, FAILED)
  expect(await prisma.httpLine.findMany()).toMatchObject([{ heldById: first }])
  expect(await claimOne()).toBeUndefined()
  await createRequeuest(prisma).redrive(first!)
  await settle(await claimOne(), DELIVERED)
  expect((await claimOne())?.id).toBe(second)
})

test('a redriven request of a line waits behind one that holds the line still', async () => {
  const [first, second, third] = await inLine(3, 'hold')
  await createRequeuest(prisma).cancel(second!)
  await settle(await claimOne(), FAILED)
  await createRequeuest(prisma).redrive(second!)
  expect(await claimOne()).toBeUndefined()
  await createRequeuest(prisma).release({ channel: 'test', key: 'k' })
  for (const expected of [third, second]) {
    const claimed = await claimOne()
    expect(claimed?.id).toBe(expected)
    await settle(claimed, DELIVERED)
  }
  expect(first).toBeDefined()
})

test('a redriven request of a line keeps its place when the next one was not unblocked yet, and the line goes on', async () => {
  const [first, second] = await inLine(2)
  const sending = await claimOne()
  await createRequeuest(prisma).cancel(first!)
  await endLeasesOfAll()
  expect(await prisma.httpRequest.count({ where: { unblockDue: true } })).toBe(1)
  await createRequeuest(prisma).redrive(first!)
  expect((await unblockLinesOnce(prisma, new Apart(() => 0))).tried).toBe(0)
  const again = await claimOne()
  expect(again).toMatchObject({ id: first, number: sending!.number + 1 })
  await settle(again, DELIVERED)
  expect((await claimOne())?.id).toBe(second)
})

test('a redriven request of a line by an update of your own, too', async () => {
  const [first, second, third] = await inLine(3)
  await settle(await claimOne(), FAILED)
  const current = await claimOne()
  await prisma.httpRequest.update({ where: { id: first! }, data: { state: 'pending', runAt: new Date() } })
  await settle(current, DELIVERED)
  expect(second).toBe(current!.id)
  for (const expected of [third, first]) {
    const claimed = await claimOne()
    expect(claimed?.id).toBe(expected)
    await settle(claimed, DELIVERED)
  }
})

async function endLeasesOfAll() {
  await endLeases(prisma)
  await prisma.$executeRaw`UPDATE requeuest_request SET lease_until = now() - interval '1 ms' WHERE lease_until IS NOT NULL`
}
