import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { http, type Requeuest } from '../../src/index.ts'
import { wrapClient } from '../faults/wrapped-client.ts'
import { claim, endLeases, nextEvent } from '../support/factory.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const states = async () => {
  const rows = await database.prisma.httpRequest.findMany({ orderBy: { id: 'asc' } })
  return rows.map(({ state, attemptCount }) => `${state} ${attemptCount}`)
}
const later = { retry: { backoff: { base: '1h', jitter: 'none' } } } as const

function warningsOf(requeuest: Requeuest): string[] {
  const warnings: string[] = []
  requeuest.on('warning', ({ message }) => warnings.push(message))
  return warnings
}

test('a drain sends what is due without start(), and says what came of it', async () => {
  const receiver = await receiverOf(({ url }) => ({ status: Number(url.slice(1)) }))
  const requeuest = createRequeuest(database.prisma)
  await requeuest.spawn('a', `${receiver.url}/200`)
  await requeuest.spawn('a', `${receiver.url}/500`, { retry: { maxAttempts: 1 } })
  await requeuest.spawn('b', `${receiver.url}/503`, later)
  await requeuest.spawn('a', `${receiver.url}/200`, { delay: '2h' })
  await requeuest.spawn('another', `${receiver.url}/200`)
  const drained = await requeuest.drain({ channels: ['a', 'b'] })
  expect(drained).toMatchObject({ attempts: 3, delivered: 1, failed: 1, retrying: 1, stopped: 'idle' })
  expect(drained.nextDueInMs).toBeGreaterThan(3_500_000)
  expect(drained.nextDueInMs).toBeLessThanOrEqual(3_600_000)
  expect(await states()).toEqual(['delivered 1', 'failed 1', 'pending 1', 'pending 0', 'pending 0'])
  expect(receiver.requests).toHaveLength(3)
})

test('a drain that finds nothing asks the database a few times and returns', async () => {
  const asked: string[] = []
  const client = wrapClient(database.prisma, ({ name, run }) => {
    asked.push(name)
    return run()
  })
  const requeuest = createRequeuest(client as typeof database.prisma)
  const nothing = { attempts: 0, delivered: 0, failed: 0, retrying: 0, nextDueInMs: null, stopped: 'idle' }
  expect(await requeuest.drain({ channels: ['a'] })).toEqual(nothing)
  asked.length = 0
  expect(await requeuest.drain({ channels: ['a'], budget: '10s' })).toEqual(nothing)
  // Made where a claim was slow, which is up to the machine.
  const names = new Set(asked.filter((name) => name !== 'findLowWatermarks'))
  expect([...names].sort()).toEqual([
    'claimRequests',
    'deleteOldActivity',
    'deleteOldOrigins',
    'findFittingWatermarks',
    'findMaintenance',
    'findOutlasting',
    'selectSettings',
  ])
  expect(asked.length).toBeLessThan(12)
})

test('a drain goes on with what its answers make due: the rest of a line, and what a handler spawns', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma).onSettled('first', async ({ tx }) => {
    await requeuest.spawn('second', `${receiver.url}/second`, { tx })
  })
  await requeuest.spawn('first', `${receiver.url}/first`)
  const line = Array.from({ length: 5 }, (_, index) => `${receiver.url}/line/${index}`)
  await requeuest.spawnMany('line', line, { order: { key: 'a' } })
  expect(await requeuest.drain({ channels: 'all' })).toMatchObject({ attempts: 7, delivered: 7, nextDueInMs: null })
  const arrived = receiver.requests.map(({ url }) => url)
  expect(arrived.filter((url) => url.startsWith('/line'))).toEqual(line.map((url) => new URL(url).pathname))
  expect(arrived).toContain('/second')
})

test('one drain sends rows made by hand, also beside an origin that is paused', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  await requeuest.pause({ origin: 'https://paused.example.com' })
  const data = Array.from({ length: 12 }, (_, index) => ({ channel: 'a', url: receiver.url, priority: index % 3 }))
  await database.prisma.httpRequest.createMany({ data })
  const drained = await requeuest.drain({ channels: ['a'], concurrency: 1 })
  expect(drained).toMatchObject({ attempts: 12, delivered: 12, nextDueInMs: null, stopped: 'idle' })
})

test('a drain makes no more attempts than maxRequests', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  await requeuest.spawnMany('a', Array(5).fill(receiver.url))
  const drained = await requeuest.drain({ channels: ['a'], maxRequests: 2 })
  expect(drained).toMatchObject({ attempts: 2, delivered: 2, nextDueInMs: 0, stopped: 'limit' })
  expect((await states()).sort()).toEqual(['delivered 1', 'delivered 1', 'pending 0', 'pending 0', 'pending 0'])
  expect(receiver.requests).toHaveLength(2)
})

test('what could not be answered within the budget is not sent, and what is behind it is', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  await requeuest.spawn('a', `${receiver.url}/slow`, { timeout: '10s' })
  await requeuest.spawn('a', `${receiver.url}/quick`, { timeout: '2s' })
  const drained = await requeuest.drain({ channels: ['a'], budget: '5s' })
  expect(drained).toMatchObject({ attempts: 1, delivered: 1, nextDueInMs: 0, stopped: 'budget' })
  expect(await states()).toEqual(['pending 0', 'delivered 1'])
  expect(receiver.requests.map(({ url }) => url)).toEqual(['/quick'])
})

test('what does not fit in the budget holds up nothing behind it, however much it is', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  for (const priority of [0, 5]) {
    await requeuest.spawnMany('a', Array(30).fill(`${receiver.url}/slow`), { timeout: '10s', priority })
    await requeuest.spawn('a', `${receiver.url}/quick`, { timeout: '2s', priority })
  }
  await database.prisma.$executeRaw`UPDATE requeuest_request SET run_at = run_at - interval '1 hour'`
  const drained = await requeuest.drain({ channels: 'all', budget: '5s', concurrency: 1 })
  expect(drained).toMatchObject({ attempts: 2, delivered: 2, stopped: 'budget' })
  expect(receiver.requests.map(({ url }) => url)).toEqual(['/quick', '/quick'])
  expect(await database.prisma.httpRequest.count({ where: { state: 'pending', attemptCount: 0 } })).toBe(60)
})

test('a drain whose budget is too small for anything says so', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  const warnings = warningsOf(requeuest)
  await requeuest.spawn('a', receiver.url)
  const drained = await requeuest.drain({ channels: 'all', budget: '20s' })
  expect(drained).toMatchObject({ attempts: 0, nextDueInMs: 0, stopped: 'budget' })
  expect(warnings).toEqual([expect.stringContaining('budget of 20000 ms')])
  expect(await states()).toEqual(['pending 0'])
  await database.prisma.httpRequest.updateMany({ data: { runAt: new Date(Date.now() + 3_600_000) } })
  expect(await requeuest.drain({ channels: 'all', budget: '20s' })).toMatchObject({ stopped: 'idle' })
  expect(warnings).toHaveLength(1)
})

test('a drain is over within its budget, and records what had no answer', async () => {
  const receiver = await receiverOf(() => ({ how: 'hang' }))
  const requeuest = createRequeuest(database.prisma, later)
  await requeuest.spawn('a', receiver.url, { timeout: '1s' })
  const fromMs = performance.now()
  const drained = await requeuest.drain({ channels: ['a'], budget: '4s' })
  expect(performance.now() - fromMs).toBeLessThan(4000)
  expect(drained).toMatchObject({ attempts: 1, retrying: 1, stopped: 'idle' })
  expect(await database.prisma.httpAttempt.findMany()).toMatchObject([{ outcome: 'timeout' }])
})

test('what gets no slot in time is given back with its attempt unspent', async () => {
  // Quick responses make the worker claim ahead. Then one takes so long that what waits behind it would start too late.
  let beganMs = 0
  let slow: string | undefined
  const receiver = await receiverOf(async ({ url }) => {
    if (slow === undefined && performance.now() - beganMs > 1200) {
      slow = url
      await sleep(500)
    }
    return {}
  })
  const requeuest = createRequeuest(database.prisma)
  // More than can be sent in that time, one by one.
  const urls = Array.from({ length: 10_000 }, (_, index) => `${receiver.url}/${index}`)
  await requeuest.spawnMany('a', urls, { timeout: '4500ms' })
  // What is loaded by the first one is not to come out of the budget.
  await requeuest.drain({ channels: ['none'] })
  beganMs = performance.now()
  // 6 s of them are for requests: none may start after the first 1.5 s.
  const drained = await requeuest.drain({ channels: ['a'], budget: '8s', concurrency: 1 })
  expect(drained).toMatchObject({ nextDueInMs: 0, stopped: 'budget' })
  const sent = receiver.requests.map(({ url }) => url)
  const { length } = sent
  // On a machine that stands still for a moment, none was in time to be slow.
  expect(sent.slice(sent.indexOf(slow ?? sent.at(-1)!) + 1)).toEqual([])
  const { httpRequest } = database.prisma
  expect(await httpRequest.count({ where: { state: 'delivered', attemptCount: 1 } })).toBe(length)
  expect(await httpRequest.count({ where: { state: 'pending', attemptCount: 0 } })).toBe(urls.length - length)
})

test.each<[string, (requeuest: Requeuest, ending: AbortController) => unknown]>([
  ['an aborted signal', (_, ending) => ending.abort()],
  ['stop()', (requeuest) => requeuest.stop()],
])('%s ends a drain, which waits for what is under way and records it', async (_, end) => {
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const receiver = await receiverOf(async () => {
    await released
    return {}
  })
  const requeuest = createRequeuest(database.prisma)
  await requeuest.spawnMany('a', [receiver.url, receiver.url])
  const ending = new AbortController()
  const draining = requeuest.drain({ channels: ['a'], concurrency: 1, signal: ending.signal })
  await receiver.waitForRequests(1)
  const ended = end(requeuest, ending)
  release()
  expect(await draining).toMatchObject({ attempts: 1, delivered: 1, nextDueInMs: 0, stopped: 'signal' })
  await ended
  expect((await states()).sort()).toEqual(['delivered 1', 'pending 0'])
})

test('stop({ timeout: 0 }) records what a drain has under way as abandoned', async () => {
  const receiver = await receiverOf(() => ({ how: 'hang' }))
  const requeuest = createRequeuest(database.prisma, later)
  await requeuest.spawn('a', receiver.url)
  const draining = requeuest.drain({ channels: ['a'] })
  await receiver.waitForRequests(1)
  await requeuest.stop({ timeout: 0 })
  expect(await draining).toMatchObject({ attempts: 1, retrying: 1, stopped: 'signal' })
  expect(await database.prisma.httpAttempt.findMany()).toMatchObject([{ outcome: 'abandoned' }])
})

test('a drain that is stopped before it begins sends nothing', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  await requeuest.spawn('a', receiver.url)
  const stopped = { attempts: 0, stopped: 'signal', nextDueInMs: 0 }
  expect(await requeuest.drain({ channels: ['a'], signal: AbortSignal.abort() })).toMatchObject(stopped)
  const draining = requeuest.drain({ channels: ['a'] })
  await requeuest.stop()
  expect(await draining).toMatchObject(stopped)
  expect(receiver.requests).toEqual([])
})

test('a database that refuses its claims ends a drain with the error', async () => {
  const receiver = await receiverOf()
  const client = wrapClient(database.prisma, ({ name, run }) => {
    if (name === 'claimRequests') throw new Error('no')
    return run()
  })
  const requeuest = createRequeuest(client as typeof database.prisma)
  requeuest.on('error', () => {})
  await requeuest.spawn('a', receiver.url)
  await expect(requeuest.drain({ channels: ['a'] })).rejects.toMatchObject({ code: 'database_error' })
  expect(await states()).toEqual(['pending 0'])
})

test('drains that overlap, beside a worker, send each request once', async () => {
  const receiver = await receiverOf()
  const [one, other] = [createRequeuest(database.prisma), createRequeuest(database.prisma)]
  const urls = Array.from({ length: 300 }, (_, index) => `${receiver.url}/${index}`)
  await one.spawnMany('a', urls)
  await one.start({ channels: ['a'], concurrency: 5 })
  const options = { channels: ['a'], concurrency: 5 }
  await Promise.all([one.drain(options), one.drain(options), other.drain(options)])
  await vi.waitUntil(async () => (await database.prisma.httpRequest.count({ where: { state: 'delivered' } })) === 300)
  expect(new Set(receiver.requests.map(({ url }) => url)).size).toBe(300)
  expect(receiver.requests).toHaveLength(300)
  expect(await database.prisma.httpAttempt.count()).toBe(300)
})

async function seed(url: string) {
  const { prisma } = database
  const spawner = createRequeuest(prisma)
  await spawner.spawn('lost', `${url}/lost`)
  await claim(prisma, { channel: 'lost' })
  await endLeases(prisma)
  const [past, future] = [new Date(Date.now() - 1000), new Date(Date.now() + 3_600_000)]
  await prisma.httpRequest.create({ data: { channel: 'late', url, expiresAt: past, runAt: future } })
  await spawner.schedule('often', { cron: '* * * * * *', channel: 'scheduled', request: `${url}/scheduled` })
  await prisma.$executeRaw`UPDATE requeuest_schedule SET next_run_at = now() - interval '1 second'`
  await spawner.spawn('handled', url)
  const handler = createRequeuest(prisma).onSettled('handled', () => {})
  await handler.drain({ channels: ['none'], maintenance: false })
  await spawner.cancel({ channel: 'handled' })
  const old = await spawner.spawn('old', url)
  await spawner.cancel(old)
  await prisma.$executeRaw`UPDATE requeuest_request SET finished_at = now() - interval '2 days' WHERE id = ${old}::uuid`
}
const outcome = async () => {
  const rows = await database.prisma.httpRequest.findMany({ orderBy: { channel: 'asc' } })
  return rows.map(({ channel, state, attemptCount }) => `${channel}: ${state} ${attemptCount}`)
}

test('a drain does once what workers do from time to time', async () => {
  const receiver = await receiverOf()
  await seed(receiver.url)
  const handled: string[] = []
  const requeuest = createRequeuest(database.prisma, { retention: { cancelled: '1d' } })
  requeuest.onSettled('handled', ({ request }) => void handled.push(request.state))
  const rescued = nextEvent(requeuest, 'rescued')
  const drained = await requeuest.drain({ channels: 'all' })
  expect(await rescued).toMatchObject({ number: 1, workerId: 'worker-1' })
  expect(drained).toMatchObject({ failed: 0, stopped: 'idle' })
  expect(await outcome()).toEqual([
    'handled: cancelled 0',
    'late: failed 0',
    'lost: delivered 2',
    'scheduled: delivered 1',
  ])
  expect(handled).toEqual(['cancelled'])
})

test('a drain sends what its maintenance makes due when nothing else is left', async () => {
  const receiver = await receiverOf()
  let claimed = () => {}
  const claimedTwice = new Promise<void>((resolve) => {
    claimed = resolve
  })
  const client = wrapClient(database.prisma, async ({ name, nth, run }) => {
    if (name === 'findMaintenance') await claimedTwice
    const result = await run()
    if (name === 'claimRequests' && nth === 2) claimed()
    return result
  })
  const requeuest = createRequeuest(client as typeof database.prisma)
  await requeuest.spawn('a', receiver.url)
  await claim(database.prisma, { channel: 'a' })
  await endLeases(database.prisma)
  expect(await requeuest.drain({ channels: ['a'] })).toMatchObject({ attempts: 1, delivered: 1 })
})

test('without maintenance a drain only sends', async () => {
  const receiver = await receiverOf()
  await seed(receiver.url)
  const requeuest = createRequeuest(database.prisma, { retention: { cancelled: '1d' } })
  const handled: string[] = []
  requeuest.onSettled('handled', ({ request }) => void handled.push(request.state))
  await requeuest.drain({ channels: ['lost', 'scheduled'], maintenance: false })
  expect(await outcome()).toEqual(['handled: cancelled 0', 'late: pending 0', 'lost: claimed 1', 'old: cancelled 0'])
  expect(handled).toEqual([])
})

test('a drain sends nothing of a paused channel or origin, and does not wait for it', async () => {
  const receiver = await receiverOf()
  const other = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  await requeuest.spawn('paused', receiver.url)
  await requeuest.spawn('a', other.url)
  await requeuest.pause({ channel: 'paused' })
  await requeuest.pause({ origin: other.url })
  const drained = await requeuest.drain({ channels: 'all', budget: '10s' })
  expect(drained).toMatchObject({ attempts: 0, nextDueInMs: 0, stopped: 'idle' })
  expect([...receiver.requests, ...other.requests]).toEqual([])
})

test('a drain goes on until all is sent that a rate lets through one by one', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  await requeuest.setLimits({ channel: 'a' }, { rate: { limit: 4 } })
  await requeuest.spawnMany('a', Array(4).fill(http.post(receiver.url)))
  expect(await requeuest.drain({ channels: ['a'] })).toMatchObject({ delivered: 4, stopped: 'idle' })
  const [first, last] = [receiver.requests[0]!, receiver.requests.at(-1)!]
  // 750 ms, unless the first arrives late.
  expect(last.at - first.at).toBeGreaterThan(400)
})

test.each([
  [{}, /options\.channels/],
  [{ channels: ['a'], budgetMs: 1000 }, /did you mean `budget`/],
  [{ channels: ['a'], budget: '0s' }, /options\.budget/],
  [{ channels: ['a'], maxRequests: 0 }, /options\.maxRequests/],
  [{ channels: ['a'], signal: 'now' }, /an AbortSignal/],
  [{ channels: ['a'], maintenance: 1 }, /true or false/],
])('a drain refuses %j', async (options, message) => {
  const requeuest = createRequeuest(database.prisma)
  await expect(requeuest.drain(options as never)).rejects.toThrow(message)
})
