import { describe, expect, test, vi } from 'vitest'
import type { RequeuestOptions } from '../../src/index.ts'
import { connect, createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const COUNT = 120

/** Two workers, and what the first one spawns in channel `a`. */
async function twoWorkers(options: RequeuestOptions) {
  const workers = [createRequeuest(database.prisma, options), createRequeuest(connect(database.url), options)] as const
  const events: string[] = []
  for (const worker of workers) {
    for (const name of ['breakerOpened', 'breakerClosed', 'originPaused'] as const) {
      worker.on(name, () => events.push(name))
    }
  }
  const start = () => Promise.all(workers.map((worker) => worker.start({ channels: 'all' })))
  return { workers, events, start }
}

const stateOf = (origin: string) =>
  database.prisma.httpLimit.findUnique({ where: { kind_name: { kind: 'origin', name: origin } } })
const countDelivered = () => database.prisma.httpRequest.count({ where: { state: 'delivered' } })

const breaker = { minRequests: 10, openFor: 400, maxOpenFor: 800 }

test('a breaker opens for all workers when too much fails, lets one request at a time through, and closes slowly', async () => {
  let isWell = false
  let underWay = 0
  const together: number[] = []
  const receiver = await receiverOf(async () => {
    if (!isWell) return { status: 500 }
    together.push(++underWay)
    await new Promise((resolve) => setTimeout(resolve, 20))
    underWay--
    return {}
  })
  const other = await receiverOf()
  const { workers, events, start } = await twoWorkers({ breaker })
  await workers[0].spawnMany('a', Array(COUNT).fill(receiver.url))
  await start()
  await vi.waitFor(async () => expect(await stateOf(receiver.url)).toMatchObject({ breaker: 'open' }), 5000)
  const countClaimed = () => database.prisma.httpRequest.count({ where: { state: 'claimed' } })
  await vi.waitFor(async () => expect(await countClaimed()).toBe(0), 5000)
  let failed = 0
  // The others are as they were: an attempt was neither made nor counted. Now and then one is tried out.
  await vi.waitFor(async () => {
    failed = receiver.requests.length
    const tries = await database.prisma.httpRequest.aggregate({ _sum: { attemptCount: true } })
    expect(tries._sum.attemptCount).toBe(failed)
  }, 5000)
  expect(await workers[0].spawnReturning('b', other.url)).toMatchObject({ status: 200 })

  await vi.waitFor(async () => expect((await stateOf(receiver.url))?.openCount).toBeGreaterThanOrEqual(4), 10_000)
  const opened = events.filter((name) => name === 'breakerOpened').length
  expect(receiver.requests.length - failed).toBeLessThanOrEqual(opened)
  expect(events).not.toContain('breakerClosed')

  isWell = true
  await vi.waitFor(async () => expect(await countDelivered()).toBe(COUNT + 1), 15_000)
  expect(together.slice(0, 2)).toEqual([1, 1])
  expect(Math.max(...together.slice(0, 8))).toBeLessThanOrEqual(6)
  expect(events.filter((name) => name === 'breakerClosed')).toHaveLength(1)
  expect(await stateOf(receiver.url)).toMatchObject({ breaker: 'closed', openUntil: null, openCount: 0 })
})

test('a breaker that is open keeps a worker away that has seen nothing fail', async () => {
  const receiver = await receiverOf()
  const other = await receiverOf()
  const openUntil = new Date(Date.now() + 3_600_000)
  await database.prisma.httpLimit.create({ data: { kind: 'origin', name: receiver.url, breaker: 'open', openUntil } })
  const requeuest = createRequeuest(database.prisma)
  const id = await requeuest.spawn('a', receiver.url)
  await requeuest.start({ channels: ['a'] })
  await requeuest.spawnReturning('a', other.url)
  expect(receiver.requests).toHaveLength(0)
  await requeuest.resume({ origin: receiver.url })
  await requeuest.waitFor(id)
})

test('a breaker can be closed by hand', async () => {
  let isWell = false
  const receiver = await receiverOf(() => ({ status: isWell ? 200 : 503 }))
  const { workers, start } = await twoWorkers({
    breaker: { minRequests: 5, openFor: 3_600_000, maxOpenFor: 3_600_000 },
  })
  await workers[0].spawnMany('a', Array(COUNT).fill(receiver.url))
  await start()
  await vi.waitFor(async () => expect(await stateOf(receiver.url)).toMatchObject({ breaker: 'open' }), 5000)
  isWell = true
  expect(await workers[1].resume({ origin: receiver.url })).toBe(true)
  await vi.waitFor(async () => expect(await countDelivered()).toBe(COUNT), 15_000)
})

test('a breaker stays closed for what is accepted, for answers that say nothing of the receiver, and when there is none', async () => {
  const statuses = ['500', '404', '500']
  const receivers = await Promise.all(statuses.map((status) => receiverOf(() => ({ status: Number(status) }))))
  const careful = createRequeuest(database.prisma, { breaker: { minRequests: 5 } })
  const without = createRequeuest(database.prisma, { breaker: false })
  const spawn = (index: number, more: object) =>
    careful.spawnMany(`c${index}`, Array(30).fill(receivers[index]!.url), { retry: { maxAttempts: 1 }, ...more })
  await Promise.all([spawn(0, { accept: ['5xx'] }), spawn(1, {}), spawn(2, {})])
  await careful.start({ channels: ['c0', 'c1'] })
  await without.start({ channels: ['c2'] })
  await vi.waitFor(async () => expect(await database.prisma.httpAttempt.count()).toBe(90), 10_000)
  expect(await database.prisma.httpLimit.count()).toBe(0)
})

describe.each([429, 503])('a receiver that answers %d with Retry-After', (status) => {
  test('is sent nothing until then by any worker, and its requests wait with their attempts unspent', async () => {
    let asks = true
    const receiver = await receiverOf(() => (asks ? { status, headers: { 'retry-after': '1' } } : {}))
    const { workers, events, start } = await twoWorkers({})
    await workers[0].spawnMany('a', Array(COUNT).fill(receiver.url))
    await start()
    await vi.waitFor(async () => expect((await stateOf(receiver.url))?.retryAt).toBeTruthy(), 5000)
    asks = false
    await vi.waitFor(async () => expect(await countDelivered()).toBe(COUNT), 15_000)
    expect(events).toContain('originPaused')
    const times = receiver.requests.map(({ at }) => at)
    const pauses = times.map((time, index) => time - (times[index - 1] ?? time))
    expect(Math.max(...pauses)).toBeGreaterThan(700)
    const attempts = await database.prisma.httpAttempt.count()
    expect(attempts).toBe(receiver.requests.length)
    expect(attempts).toBeLessThan(2 * COUNT)
  })
})

test('what a receiver asks for is bounded by retry.backoff.max', async () => {
  const receiver = await receiverOf((_, index) =>
    index === 0 ? { status: 503, headers: { 'retry-after': '3600' } } : {},
  )
  const requeuest = createRequeuest(database.prisma, { retry: { backoff: { base: 20, max: 300 } } })
  await requeuest.start({ channels: ['a'] })
  expect(await requeuest.spawnReturning('a', receiver.url)).toMatchObject({ status: 200 })
})
