import { expect, test, vi } from 'vitest'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const CONCURRENCY = 10
const ANSWERED = 1000
/** So few that all of them are claimed ahead when the receiver falls silent. */
const AHEAD = 5
const ALL = ANSWERED + CONCURRENCY + AHEAD

/** Answers fast until only a few are left, and then no more until it is told to. */
async function fastThenSilent() {
  let answer!: () => void
  const silence = new Promise<void>((resolve) => {
    answer = resolve
  })
  const receiver = await receiverOf(async (_, index) => {
    if (index >= ANSWERED) await silence
    return {}
  })
  const requeuest = createRequeuest(database.prisma)
  await requeuest.spawnMany('a', Array(ALL).fill(receiver.url))
  await requeuest.start({ channels: ['a'], concurrency: CONCURRENCY, concurrencyPerOrigin: CONCURRENCY })
  await receiver.waitForRequests(ANSWERED + CONCURRENCY)
  await waitForClaimed(CONCURRENCY + AHEAD)
  return { receiver, requeuest, answer }
}

function waitForClaimed(count: number) {
  const isClaimed = async () =>
    expect(await database.prisma.httpRequest.count({ where: { state: 'claimed' } })).toBe(count)
  return vi.waitFor(isClaimed, { timeout: 10_000 })
}

test('claims ahead where responses come fast, and starts no more at once than it may', async () => {
  const { receiver, requeuest, answer } = await fastThenSilent()
  expect(receiver.requests).toHaveLength(ANSWERED + CONCURRENCY)
  // Others may have what waits behind a receiver that has fallen silent.
  await waitForClaimed(CONCURRENCY)
  answer()
  await receiver.waitForRequests(ALL)
  await requeuest.stop()
  expect(await database.prisma.httpRequest.count({ where: { state: 'delivered', attemptCount: 1 } })).toBe(ALL)
  expect(new Set(receiver.requests.map((request) => request.headers['idempotency-key'])).size).toBe(ALL)
})

test('what is claimed ahead is given back by stop(), with the attempt unspent', async () => {
  const { requeuest } = await fastThenSilent()
  await requeuest.stop({ timeout: 1 })
  const rows = await database.prisma.httpRequest.groupBy({ by: ['state', 'attemptCount'], _count: true })
  expect(rows).toHaveLength(3)
  expect(rows).toContainEqual({ state: 'delivered', attemptCount: 1, _count: ANSWERED })
  expect(rows).toContainEqual({ state: 'pending', attemptCount: 1, _count: CONCURRENCY })
  expect(rows).toContainEqual({ state: 'pending', attemptCount: 0, _count: AHEAD })
  expect(await database.prisma.httpAttempt.count({ where: { outcome: 'abandoned' } })).toBe(CONCURRENCY)
})

test('a worker that was behind with writing goes on as soon as that is done', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  await requeuest.spawnMany('a', Array(3000).fill(receiver.url))
  await requeuest.start({ channels: ['a'], concurrency: 1 })
  let waitedMs = 0
  for (let round = 0; round < 8; round++) {
    await database.prisma.$transaction(async (tx) => {
      await tx.$executeRaw`LOCK TABLE requeuest_attempt IN SHARE MODE`
      const delivered = await tx.httpRequest.count({ where: { state: 'delivered' } })
      await vi.waitFor(async () => {
        const claimed = await tx.httpRequest.count({ where: { state: 'claimed' } })
        expect(claimed).toBeGreaterThan(10)
        expect(receiver.requests).toHaveLength(delivered + claimed)
      }, 10_000)
    })
    const writableAtMs = performance.now()
    await receiver.waitForRequests(receiver.requests.length + 1)
    waitedMs += performance.now() - writableAtMs
  }
  // It looks once a second in any case.
  expect(waitedMs / 8).toBeLessThan(200)
})
