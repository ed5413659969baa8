import { expect, test } from 'vitest'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const future = new Date(Date.now() + 3_600_000)
const past = new Date(Date.now() - 1000)
const NOTHING = {
  pausedAt: null,
  concurrency: null,
  rate: null,
  breaker: 'closed',
  openUntil: null,
  openCount: 0,
  retryAt: null,
}

test('origins are shown that are paused, limited or left alone, and no others', async () => {
  const requeuest = createRequeuest(database.prisma)
  await requeuest.pause({ origin: 'http://a.example/path' })
  await requeuest.setLimits({ origin: 'http://b.example' }, { concurrency: 2, rate: { limit: 7 } })
  await requeuest.pause({ channel: 'c' })
  await database.prisma.httpLimit.createMany({
    data: [
      { kind: 'origin', name: 'http://c.example', breaker: 'open', openUntil: future, openCount: 3 },
      { kind: 'origin', name: 'http://d.example', retryAt: future },
      { kind: 'origin', name: 'http://e.example', retryAt: past },
    ],
  })
  const origins = await requeuest.inspect.origins()
  expect(origins).toEqual([
    { ...NOTHING, origin: 'http://a.example', pausedAt: expect.any(Date) },
    { ...NOTHING, origin: 'http://b.example', concurrency: 2, rate: { limit: 7, intervalMs: 1000 } },
    { ...NOTHING, origin: 'http://c.example', breaker: 'open', openUntil: future, openCount: 3 },
    { ...NOTHING, origin: 'http://d.example', retryAt: future },
  ])
  expect(await requeuest.inspect.origins({ limit: 2, after: 'http://a.example' })).toEqual(origins.slice(1, 3))
  await expect(requeuest.inspect.origins({ limit: 0 })).rejects.toMatchObject({ field: 'options.limit' })
})

test('held lines are shown with what holds them and what waits in them', async () => {
  const receiver = await receiverOf(() => ({ status: 400 }))
  const requeuest = createRequeuest(database.prisma, { retry: { maxAttempts: 1 } })
  await requeuest.start({ channels: ['a'] })
  const order = { key: 'account-7', afterFailure: 'hold' } as const
  const id = await requeuest.spawn('a', receiver.url, { order })
  await requeuest.waitFor(id).catch(() => {})
  await requeuest.spawnMany('a', [receiver.url, receiver.url], { order })
  await requeuest.spawn('a', receiver.url, { order: { key: 'other' }, delay: '1h' })
  expect(await requeuest.inspect.lines()).toEqual([
    {
      channel: 'a',
      key: 'account-7',
      heldById: id,
      heldAt: expect.any(Date),
      waiting: { count: 2, isEstimate: false },
    },
  ])
  await requeuest.release({ channel: 'a', key: 'account-7' })
  expect(await requeuest.inspect.lines()).toEqual([])
})
