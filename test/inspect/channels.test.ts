import { expect, test, vi } from 'vitest'
import { claim } from '../support/factory.ts'
import { connect, createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const url = 'http://example.com/'
const exactly = (count: number) => ({ count, isEstimate: false })
const NOTHING = {
  due: exactly(0),
  delayed: exactly(0),
  inLine: exactly(0),
  claimed: exactly(0),
  oldestDueAt: null,
  oldestDueMs: null,
  workers: 0,
  pausedAt: null,
  concurrency: null,
  rate: null,
}

test('every channel tells how many requests are due, delayed, in line and claimed, and since when the first is due', async () => {
  const requeuest = createRequeuest(database.prisma)
  const create = (channel: string, more = {}) => database.prisma.httpRequest.create({ data: { channel, url, ...more } })
  const minutes = (count: number) => new Date(Date.now() + count * 60_000)
  await create('claimed')
  await claim(database.prisma, { channel: 'claimed' })
  await create('mixed', { runAt: minutes(-5), priority: 9 })
  await create('mixed', { runAt: minutes(-1), priority: 0 })
  await create('mixed', { runAt: minutes(10), priority: 0 })
  for (let index = 0; index < 3; index++) await create('ordered', { orderKey: 'k', runAt: minutes(1) })
  await create('over', { state: 'delivered', finishedAt: new Date() })
  await requeuest.pause({ channel: 'paused' })
  await requeuest.setLimits({ channel: 'paused' }, { concurrency: 5, rate: { limit: 10, interval: '1m' } })

  const channels = await requeuest.inspect.channels()
  expect(channels).toEqual([
    { ...NOTHING, channel: 'claimed', claimed: exactly(1) },
    {
      ...NOTHING,
      channel: 'mixed',
      due: exactly(2),
      delayed: exactly(1),
      oldestDueAt: expect.any(Date),
      oldestDueMs: expect.any(Number),
    },
    { ...NOTHING, channel: 'ordered', delayed: exactly(1), inLine: exactly(2) },
    {
      ...NOTHING,
      channel: 'paused',
      pausedAt: expect.any(Date),
      concurrency: 5,
      rate: { limit: 10, intervalMs: 60_000 },
    },
  ])
  expect(channels[1]!.oldestDueMs).toBeCloseTo(300_000, -4)
  expect(channels[1]!.oldestDueAt!.getTime()).toBeCloseTo(minutes(-5).getTime(), -4)
})

test('a channel with due requests that no live worker serves has no workers', async () => {
  const requeuest = createRequeuest(database.prisma)
  const [some, all] = [createRequeuest(connect(database.url)), createRequeuest(connect(database.url))]
  for (const channel of ['a', 'b']) await requeuest.pause({ channel })
  const served = async () => (await requeuest.inspect.channels()).map(({ channel, workers }) => [channel, workers])
  expect(await served()).toEqual([
    ['a', 0],
    ['b', 0],
  ])
  await some.start({ channels: ['b', 'c'] })
  await vi.waitFor(async () =>
    expect(await served()).toEqual([
      ['a', 0],
      ['b', 1],
    ]),
  )
  await all.start({ channels: 'all' })
  await vi.waitFor(async () =>
    expect(await served()).toEqual([
      ['a', 1],
      ['b', 2],
    ]),
  )
  await database.prisma.httpWorker.updateMany({ data: { lastSeenAt: new Date(Date.now() - 60_000) } })
  expect(await served()).toEqual([
    ['a', 0],
    ['b', 0],
  ])
  await Promise.all([some.stop(), all.stop()])
})

test('more than 10 000 requests of a channel are estimated, beside others that are counted', async () => {
  const { prisma } = database
  await prisma.$executeRaw`
    INSERT INTO requeuest_request (id, channel, url, origin, run_at)
    SELECT gen_random_uuid(), CASE WHEN n % 100 = 0 THEN 'few' ELSE 'many' END, ${url}, 'http://example.com', now() - interval '1 hour'
    FROM generate_series(1, 15000) AS n`
  const [few, many] = await createRequeuest(prisma).inspect.channels()
  expect(few).toMatchObject({ channel: 'few', due: exactly(150) })
  expect(many).toMatchObject({ channel: 'many', due: { isEstimate: true }, delayed: exactly(0) })
  expect(many!.due.count).toBeGreaterThan(10_000)
  expect(many!.due.count).toBeLessThan(20_000)
  expect(many!.oldestDueMs).toBeCloseTo(3_600_000, -4)
})

test('an empty database has no channels', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  expect(await requeuest.inspect.channels()).toEqual([])
  await requeuest.start({ channels: ['a'] })
  await requeuest.spawnReturning('a', receiver.url)
  expect(await requeuest.inspect.channels()).toEqual([])
})
