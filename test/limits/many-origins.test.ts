import { expect, test, vi } from 'vitest'
import { selectSettings } from '../../src/store/settings.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const MANY = 10_000

/** So many receivers that are left alone for an hour. */
async function leaveAlone(more: string[] = []): Promise<void> {
  await database.prisma.$executeRaw`
    INSERT INTO requeuest_limit (kind, name, breaker, open_until)
    SELECT 'origin', 'http://open-' || n, 'open', now() + interval '1 hour' FROM generate_series(1, ${MANY}::int) AS n`
  await database.prisma.$executeRaw`
    INSERT INTO requeuest_limit (kind, name, retry_at)
    SELECT 'origin', 'http://busy-' || n, now() + interval '1 hour' FROM generate_series(1, ${MANY}::int) AS n`
  const openUntil = new Date(Date.now() + 3_600_000)
  await database.prisma.httpLimit.createMany({
    data: more.map((name) => ({ kind: 'origin' as const, name, breaker: 'open' as const, openUntil })),
  })
}

test('a worker is told of those receivers that are left alone of which it has something, and of all that are limited', async () => {
  await leaveAlone()
  const soon = new Date(Date.now() + 1000)
  await database.prisma.httpLimit.createMany({
    data: [
      { name: 'http://limited', concurrency: 5, retryAt: new Date(Date.now() + 3_600_000) },
      { name: 'http://soon', retryAt: soon },
      { name: 'http://due', breaker: 'open' as const, openUntil: new Date(0) },
      { name: 'http://paused', pausedAt: new Date() },
      // Of the first the worker was perhaps not told that it may.
      ...['w', 'other'].map((worker) => ({
        name: `http://tried-by-${worker}`,
        breaker: 'half_open' as const,
        openUntil: new Date(0),
        probedBy: worker,
        probeUntil: new Date(Date.now() + 30_000),
      })),
    ].map((one) => ({ kind: 'origin' as const, ...one })),
  })
  const look = async (inUse: string[]) => (await selectSettings(database.prisma, ['a'], 'w', false, inUse))[0]!
  const names = async (inUse: string[]) => (await look(inUse)).scopes.map(({ name }) => name).sort()
  expect(await names([])).toEqual(['http://due', 'http://limited', 'http://soon', 'http://tried-by-w'])
  expect(await names(['http://busy-7', 'http://paused'])).toEqual([
    'http://busy-7',
    'http://due',
    'http://limited',
    'http://paused',
    'http://soon',
    'http://tried-by-w',
  ])
  expect((await look([])).keptBack).toBe(true)
  await database.prisma.httpLimit.deleteMany({ where: { name: { startsWith: 'http://b' } } })
  await database.prisma.httpLimit.deleteMany({ where: { name: { startsWith: 'http://open' } } })
  expect((await look(['http://paused', 'http://tried-by-other'])).keptBack).toBe(false)
})

test('what is for a receiver that is left alone is sent in none of the ways there are, and all others are', async () => {
  const [alone, good] = await Promise.all([receiverOf(), receiverOf()])
  await leaveAlone([alone.url])
  const requeuest = createRequeuest(database.prisma)
  requeuest.renderer<string>('to', ({ args }) => args)
  await requeuest.spawnMany('a', Array(300).fill(alone.url))
  await requeuest.start({ channels: ['a'], concurrency: 10 })
  const made = await requeuest.spawn('a', { render: 'to', args: alone.url })
  for (let count = 0; count < 5; count++) {
    await requeuest.spawn('a', alone.url)
    await requeuest.spawnReturning('a', good.url)
    await requeuest.spawnReturning('a', { render: 'to', args: good.url })
  }
  expect(alone.requests).toEqual([])
  expect(await database.prisma.httpRequest.count({ where: { state: 'pending', attemptCount: 0 } })).toBe(306)
  await requeuest.resume({ origin: alone.url })
  await vi.waitFor(
    async () => expect(await database.prisma.httpRequest.count({ where: { state: 'pending' } })).toBe(0),
    15_000,
  )
  await requeuest.waitFor(made)
})
