import { expect, test, vi } from 'vitest'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

/** How many requests were given back until later, with their attempts unspent. */
async function countPostponed(): Promise<number> {
  const [row] = await database.prisma.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM requeuest_request
    WHERE state = 'pending' AND attempt_count = 0 AND run_at > created_at + interval '500 ms'`
  return row!.count
}

test('what is made when it is sent is held to what its receiver may have', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  requeuest.renderer('made', () => receiver.url)
  await requeuest.pause({ origin: receiver.url })
  await requeuest.setLimits({ origin: receiver.url }, { concurrency: 5, rate: { limit: 20 } })
  const ids = await requeuest.spawnMany('a', Array(6).fill({ render: 'made' }))
  await requeuest.start({ channels: ['a'] })
  await vi.waitFor(async () => expect(await countPostponed()).toBe(6), 5000)
  expect(receiver.requests).toHaveLength(0)
  await requeuest.resume({ origin: receiver.url })
  for (const id of ids) expect((await requeuest.waitFor(id)).attempts).toBe(1)
  const times = receiver.requests.map(({ at }) => at)
  expect(times.at(-1)! - times[0]!).toBeGreaterThan(5 * 50 - 30)
})

test('what is made when it is sent speaks of its receiver, not of all that its renderer makes', async () => {
  const busy = await receiverOf((_, index) => (index === 0 ? { status: 503, headers: { 'retry-after': '1' } } : {}))
  const other = await receiverOf()
  const requeuest = createRequeuest(database.prisma, { retry: { backoff: { base: 10 } } })
  requeuest.renderer<string>('made', ({ args }) => args)
  await requeuest.start({ channels: ['a'] })
  const waits = await requeuest.spawn('a', { render: 'made', args: busy.url })
  await vi.waitFor(async () => expect(await database.prisma.httpLimit.count()).toBe(1), 5000)
  await requeuest.spawnReturning('a', { render: 'made', args: other.url })
  expect(busy.requests).toHaveLength(1)
  expect(await database.prisma.httpLimit.findMany({ select: { name: true } })).toEqual([{ name: busy.url }])
  await requeuest.waitFor(waits)
  const [asked, sent] = busy.requests
  expect(sent!.at - asked!.at).toBeGreaterThan(950)
})
