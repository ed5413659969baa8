import { describe, expect, test, vi } from 'vitest'
import { wrapClient } from '../faults/wrapped-client.ts'
import { connect, createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'
import { arrivalsOf, mostWithin } from './measure.ts'

const database = useDatabase()
/** Starts of the last half second that a busy machine could not make come on top of those of a second, with the one at its end. */
const MOST_OF_50 = 50 + 25 + 1

describe.each(['channel', 'origin'] as const)('a limit of one %s', (kind) => {
  test('on the rate holds for several workers together, and not for others', async () => {
    const receiver = await receiverOf()
    const other = await receiverOf()
    const target = kind === 'channel' ? { channel: 'a' } : { origin: receiver.url }
    const workers = [createRequeuest(database.prisma), createRequeuest(connect(database.url))]
    await workers[0]!.setLimits(target, { rate: { limit: 50 } })
    await workers[0]!.spawnMany('a', Array(150).fill(receiver.url))
    await workers[0]!.spawnMany('b', Array(300).fill(other.url))
    for (const worker of workers) await worker.start({ channels: 'all' })
    await other.waitForRequests(300)
    expect(receiver.requests.length).toBeLessThan(140)
    const arrivals = await arrivalsOf(receiver, 150)
    const tookMs = arrivals.at(-1)! - arrivals[0]!
    expect(tookMs).toBeGreaterThan(2700)
    expect(tookMs).toBeLessThan(6000)
    expect(mostWithin(arrivals, 1000)).toBeLessThanOrEqual(MOST_OF_50)
  })

  test('on the rate can be set, raised and lowered while workers run, by a call and by hand', async () => {
    const receiver = await receiverOf()
    const elsewhere = connect(database.url)
    const target = kind === 'channel' ? { channel: 'a' } : { origin: receiver.url }
    const workers = [createRequeuest(database.prisma), createRequeuest(connect(database.url))]
    for (const worker of workers) await worker.start({ channels: 'all' })
    await workers[0]!.spawnReturning('a', receiver.url)
    await createRequeuest(elsewhere).setLimits(target, { rate: { limit: 50 } })
    // Due when all workers know of it.
    await workers[0]!.spawnMany('a', Array(2000).fill(receiver.url), { delay: 1500 })
    const [, ...limited] = await arrivalsOf(receiver, 81)
    expect(mostWithin(limited, 1000)).toBeLessThanOrEqual(MOST_OF_50)

    await createRequeuest(elsewhere).setLimits(target, { rate: { limit: 400 } })
    const raised = (await arrivalsOf(receiver, 481)).slice(81)
    expect(raised.at(-1)! - raised[0]!).toBeLessThan(5000)

    const data = { rate: 20, rateIntervalMs: 1000 }
    await elsewhere.httpLimit.updateMany({ data })
    const knownMs = performance.now() + 1500
    while (receiver.requests.at(-1)!.at < knownMs + 2000) await receiver.waitForRequests(receiver.requests.length + 1)
    const lowered = receiver.requests.map(({ at }) => at).filter((at) => at > knownMs)
    expect(lowered.length).toBeGreaterThan(25)
    expect(mostWithin(lowered, 1000)).toBeLessThanOrEqual(31)
  })

  test('on the rate that leaves a worker waiting for a day ends that wait when it is raised', async () => {
    const receiver = await receiverOf()
    const worker = createRequeuest(database.prisma)
    const target = kind === 'channel' ? { channel: 'a' } : { origin: receiver.url }
    await worker.setLimits(target, { rate: { limit: 1, interval: 86_400_000 } })
    await worker.spawnMany('a', Array(50).fill(receiver.url))
    await worker.start({ channels: 'all' })
    await receiver.waitForRequests(1)
    await createRequeuest(connect(database.url)).setLimits(target, { rate: { limit: 200 } })
    await receiver.waitForRequests(50)
  })

  test('on concurrency holds for several workers together, can be raised, and is given back', async () => {
    let underWay = 0
    let most = 0
    const releases: (() => void)[] = []
    const receiver = await receiverOf(async () => {
      most = Math.max(most, ++underWay)
      await new Promise<void>((resolve) => releases.push(resolve))
      underWay--
      return {}
    })
    const other = await receiverOf()
    const target = kind === 'channel' ? { channel: 'a' } : { origin: receiver.url }
    const workers = [createRequeuest(database.prisma), createRequeuest(connect(database.url))]
    const [worker] = workers
    await worker!.setLimits(target, { concurrency: 3 })
    await worker!.spawnMany('a', Array(40).fill(receiver.url))
    for (const each of workers) await each.start({ channels: 'all' })
    await vi.waitFor(() => expect(underWay).toBe(3), { timeout: 5000 })
    expect(await worker!.spawnReturning('b', other.url)).toMatchObject({ status: 200 })
    for (let answered = 0; answered < 15; answered++) {
      await vi.waitFor(() => expect(releases.length).toBeGreaterThan(0), { timeout: 5000 })
      releases.shift()!()
    }
    expect(most).toBe(3)
    await worker!.setLimits(target, { concurrency: 6 })
    await vi.waitFor(() => expect(underWay).toBe(6), { timeout: 5000 })
    await worker!.setLimits(target, { concurrency: null })
    await vi.waitFor(() => expect(underWay + 15).toBe(40), { timeout: 5000 })
    for (const release of releases) release()
    for (const each of workers) await each.stop()
    expect(await database.prisma.httpSemaphoreLease.count()).toBe(0)
  })
})

test('a limit of one serves every worker in turn', async () => {
  // Each has work that the other one does not take.
  const origin = await receiverOf(async () => ({}))
  const workers = [createRequeuest(database.prisma), createRequeuest(connect(database.url))]
  await workers[0]!.setLimits({ origin: origin.url }, { concurrency: 1 })
  for (const [index, channel] of ['a', 'b'].entries()) {
    await workers[index]!.spawnMany(channel, Array(4000).fill(`${origin.url}/${channel}`))
    await workers[index]!.start({ channels: [channel] })
  }
  await vi.waitFor(
    () => {
      const seen = new Set(origin.requests.map(({ url }) => url))
      expect(seen).toEqual(new Set(['/a', '/b']))
    },
    { timeout: 15_000 },
  )
})

test('where nothing is limited, a worker only asks once a second whether that is still so', async () => {
  const calls: string[] = []
  let misses = 0
  const client = wrapClient(database.prisma, async (call) => {
    // Of an origin that is full, nothing is even tried.
    if (call.name === 'scanOrigins' && calls.at(-1) === 'scanOrigins') misses++
    calls.push(call.name)
    const result = await call.run()
    if (call.name === 'claimRequests' && (result as unknown[][])[0]?.length === 0) misses++
    return result
  })
  const receiver = await receiverOf()
  const requeuest = createRequeuest(client as typeof database.prisma)
  await requeuest.spawnMany('a', Array(2000).fill(receiver.url))
  const fromMs = performance.now()
  await requeuest.start({ channels: ['a'] })
  // Behind the last one it would be at rest.
  await receiver.waitForRequests(1500)
  const looks = calls.filter((name) => name === 'selectSettings').length
  const seconds = (performance.now() - fromMs) / 1000
  await receiver.waitForRequests(2000)
  await requeuest.stop()
  expect(calls.filter((name) => name === 'claimRequests').length).toBeGreaterThan(10)
  // Where a claim found none, it also looks when the next one is due; but by far not at each claim.
  expect(looks).toBeLessThanOrEqual(2 * (seconds + 1) + misses)
  const ofLimits = /permits|semaphore|breaker|probes|origin|dueChannels/i
  const others = ['deleteOldOrigins', 'scanOrigins']
  expect(calls.filter((name) => ofLimits.test(name) && !others.includes(name))).toEqual([])
})
