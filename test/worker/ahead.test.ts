import { expect, test, vi } from 'vitest'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const CONCURRENCY = 10
const ANSWERED = 1000

/** Answers fast until it has seen enough, and then no more until it is told to. */
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
  await requeuest.spawnMany('a', Array(2 * ANSWERED).fill(receiver.url))
  await requeuest.start({ channels: ['a'], concurrency: CONCURRENCY, concurrencyPerOrigin: CONCURRENCY })
  await receiver.waitForRequests(ANSWERED + CONCURRENCY)
  return { receiver, requeuest, answer }
}

const countClaimed = () => database.prisma.httpRequest.count({ where: { state: 'claimed' } })

test('claims ahead where responses come fast, and starts no more at once than it may', async () => {
  const { receiver, requeuest, answer } = await fastThenSilent()
  expect(await countClaimed()).toBeGreaterThan(CONCURRENCY)
  expect(receiver.requests).toHaveLength(ANSWERED + CONCURRENCY)
  // Others may have what waits behind a receiver that has fallen silent.
  await vi.waitFor(async () => expect(await countClaimed()).toBe(CONCURRENCY), { timeout: 10_000 })
  answer()
  await receiver.waitForRequests(2 * ANSWERED)
  await requeuest.stop()
  expect(await database.prisma.httpRequest.count({ where: { state: 'delivered', attemptCount: 1 } })).toBe(2 * ANSWERED)
  expect(new Set(receiver.requests.map((request) => request.headers['idempotency-key'])).size).toBe(2 * ANSWERED)
})

test('what is claimed ahead is given back by stop(), with the try unspent', async () => {
  const { requeuest } = await fastThenSilent()
  expect(await countClaimed()).toBeGreaterThan(CONCURRENCY)
  await requeuest.stop({ timeoutMs: 1 })
  const rows = await database.prisma.httpRequest.groupBy({ by: ['state', 'attemptCount'], _count: true })
  expect(rows).toContainEqual({ state: 'delivered', attemptCount: 1, _count: ANSWERED })
  expect(rows).toContainEqual({ state: 'pending', attemptCount: 1, _count: CONCURRENCY })
  expect(rows).toContainEqual({ state: 'pending', attemptCount: 0, _count: ANSWERED - CONCURRENCY })
  expect(await database.prisma.httpAttempt.count({ where: { outcome: 'abandoned' } })).toBe(CONCURRENCY)
})
