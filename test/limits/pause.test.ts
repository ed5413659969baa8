import { expect, test, vi } from 'vitest'
import { connect, createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

/** Answers fast `answered` times, and then no more until it is told to. */
async function receiverThatStalls(answered: number) {
  let answer!: () => void
  const silence = new Promise<void>((resolve) => {
    answer = resolve
  })
  const receiver = await receiverOf(async (_, index) => {
    if (index >= answered) await silence
    return {}
  })
  return { receiver, answer }
}

test.each(['channel', 'origin'] as const)(
  'a pause of one %s by another process stops it alone; what was claimed ahead is given back unspent',
  async (kind) => {
    const { receiver, answer } = await receiverThatStalls(200)
    const worker = createRequeuest(database.prisma, { timeout: 60_000 })
    const elsewhere = createRequeuest(connect(database.url))
    const target = kind === 'channel' ? { channel: 'a' } : { origin: receiver.url }
    await worker.spawnMany('a', Array(700).fill(receiver.url))
    await worker.start({ channels: ['a', 'b'], concurrency: 10, concurrencyPerOrigin: 8 })
    await receiver.waitForRequests(208)
    const { inFlight } = await elsewhere.pause(target)
    expect(inFlight).toBeGreaterThanOrEqual(8)
    const countClaimed = () => database.prisma.httpRequest.count({ where: { state: 'claimed' } })
    await vi.waitFor(async () => expect(await countClaimed()).toBe(8), 5000)
    answer()
    await vi.waitFor(async () => expect(await countClaimed()).toBe(0), 5000)

    const other = await receiverOf()
    expect(await worker.spawnReturning('b', other.url)).toMatchObject({ status: 200 })
    if (kind === 'origin') expect(await worker.spawnReturning('a', other.url)).toMatchObject({ status: 200 })
    expect(receiver.requests).toHaveLength(208)
    const pending = { state: 'pending' as const, attemptCount: 0 }
    expect(await database.prisma.httpRequest.count({ where: pending })).toBe(700 - 208)

    await elsewhere.resume(target)
    await receiver.waitForRequests(700)
  },
)

test('in the same process, what is resumed goes on at once', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  await requeuest.start({ channels: ['a'] })
  await requeuest.pause({ channel: 'a' })
  const id = await requeuest.spawn('a', receiver.url)
  const cancelled = await requeuest.waitFor(id, { timeout: 300 }).catch((error) => error.code)
  expect(cancelled).toBe('wait_timeout')
  await requeuest.resume({ channel: 'a' })
  await requeuest.waitFor(id)
  expect(receiver.requests).toHaveLength(1)
})
