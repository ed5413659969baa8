import { expect, test } from 'vitest'
import { releaseUnknownClaims } from '../../src/store/claims.ts'
import { claim, rescue } from '../support/factory.ts'
import { connect, createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const url = 'http://example.com/'

/** A receiver that holds its answers back, with a worker that has as many attempts under way as there are slots. */
async function holding(count: number, concurrency: number, answer: { status?: number } = {}) {
  let letGo!: () => void
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const receiver = await receiverOf(async () => {
    await held
    return answer
  })
  const requeuest = createRequeuest(database.prisma)
  const ids = await requeuest.spawnMany('a', Array(count).fill(receiver.url))
  await requeuest.start({ channels: ['a'], concurrency, concurrencyPerOrigin: concurrency })
  await receiver.waitForRequests(concurrency)
  return { receiver, requeuest, ids, letGo }
}

const stateOf = async (id: string) => (await database.prisma.httpRequest.findUniqueOrThrow({ where: { id } })).state

test('what waits is not sent, and who waits for it is told', async () => {
  const requeuest = createRequeuest(database.prisma)
  const id = await requeuest.spawn('a', url)
  const waiting = expect(requeuest.waitFor(id)).rejects.toMatchObject({ code: 'request_cancelled', requestId: id })
  expect(await requeuest.cancel(id)).toEqual({ matched: 1, cancelled: 1, inFlight: [] })
  await waiting
  expect(await requeuest.cancel(id)).toEqual({ matched: 0, cancelled: 0, inFlight: [] })
  expect(await requeuest.find(id)).toMatchObject({ state: 'cancelled', finishedAt: expect.any(Date), attempts: [] })
})

test.each([
  ['refused', 503, 'rejected'],
  ['accepted', 200, 'accepted'],
])('of what is being sent no other attempt follows, and how it ended is recorded: %s', async (_, status, outcome) => {
  const { receiver, requeuest, ids, letGo } = await holding(2, 2, { status })
  const result = await requeuest.cancel({ channel: 'a' })
  expect(result).toEqual({ matched: 2, cancelled: 2, inFlight: expect.arrayContaining(ids) })
  // Nobody knows yet, and if the worker died now, nobody would ever.
  expect((await requeuest.find(ids[0]!))!.attempts).toMatchObject([{ outcome: 'abandoned', errorCode: 'cancelled' }])
  letGo()
  // Another request goes through the same worker: retries would have come before it.
  await requeuest.stop()
  await requeuest.start({ channels: ['a'] })
  await requeuest.spawnReturning('a', receiver.url, { accept: [status as 200] })
  for (const id of ids) {
    expect(await requeuest.find(id)).toMatchObject({
      state: 'cancelled',
      attemptCount: 1,
      attempts: [{ number: 1, outcome, status, errorCode: null }],
    })
  }
  expect(receiver.requests).toHaveLength(3)
})

test('an acknowledged cancel is followed by no send but of what it reports, however busy the worker is', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  const ids = await requeuest.spawnMany('a', Array(1500).fill(receiver.url))
  await requeuest.start({ channels: ['a'], concurrency: 10 })
  await receiver.waitForRequests(300)
  const { cancelled, inFlight } = await requeuest.cancel({ channel: 'a' })
  const sentBefore = new Set(receiver.requests.map((request) => request.headers['idempotency-key']))
  await requeuest.stop()
  const mayBeSent = new Set([...sentBefore, ...inFlight])
  const sent = receiver.requests.map((request) => request.headers['idempotency-key'] as string)
  expect(sent.filter((id) => !mayBeSent.has(id))).toEqual([])
  expect(new Set(sent).size).toBe(sent.length)
  const rows = await database.prisma.httpRequest.groupBy({ by: ['state'], _count: true })
  expect(Object.fromEntries(rows.map((row) => [row.state, row._count]))).toEqual({
    cancelled,
    delivered: ids.length - cancelled,
  })
  expect(cancelled).toBeGreaterThan(0)
})

test('commits with the business change, and only then', async () => {
  const { prisma, url: databaseUrl } = database
  const requeuest = createRequeuest(prisma)
  const id = await requeuest.spawn('a', url)
  const outside = connect(databaseUrl)
  const rolledBack = prisma.$transaction(async (tx) => {
    expect(await requeuest.cancel(id, { tx })).toEqual({ matched: 1, cancelled: 1, inFlight: [] })
    expect(await outside.httpRequest.findUnique({ where: { id } })).toMatchObject({ state: 'pending' })
    throw new Error('changed my mind')
  })
  await expect(rolledBack).rejects.toThrow('changed my mind')
  expect(await stateOf(id)).toBe('pending')
  await prisma.$transaction((tx) => requeuest.cancel({ id }, { tx }))
  expect(await stateOf(id)).toBe('cancelled')
})

test('a worker that wants what a transaction is cancelling gets nothing', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  const id = await requeuest.spawn('a', receiver.url)
  await database.prisma.$transaction(async (tx) => {
    await requeuest.cancel(id, { tx })
    await requeuest.start({ channels: ['a'] })
    await requeuest.spawnReturning('a', receiver.url)
  })
  await requeuest.spawnReturning('a', receiver.url)
  expect(receiver.requests.map((request) => request.headers['idempotency-key'])).not.toContain(id)
})

test('takes all pages, and what is locked is waited for', async () => {
  const { prisma } = database
  const requeuest = createRequeuest(prisma)
  const ids = await requeuest.spawnMany('a', Array(2500).fill(url))
  await requeuest.spawn('b', url)
  let cancelling: Promise<unknown> | undefined
  await prisma.$transaction(async (tx) => {
    await tx.httpRequest.update({ where: { id: ids[7]! }, data: { priority: 1 } })
    cancelling = requeuest.cancel({ channel: 'a' })
    for (;;) {
      const [row] = await prisma.$queryRaw<[{ count: number }]>`
        SELECT count(*)::int FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`
      if (row.count > 0) break
    }
  })
  expect(await cancelling).toEqual({ matched: 2500, cancelled: 2500, inFlight: [] })
  expect(await prisma.httpRequest.count({ where: { state: 'pending' } })).toBe(1)
})

test('only what is still pending, if only that is meant', async () => {
  const { requeuest, receiver, ids, letGo } = await holding(1, 1)
  const waiting = await requeuest.spawn('a', receiver.url)
  expect(await requeuest.cancel({ channel: 'a', state: 'pending' })).toEqual({ matched: 1, cancelled: 1, inFlight: [] })
  letGo()
  expect(await requeuest.waitFor(ids[0]!)).toMatchObject({ status: 200 })
  expect(await stateOf(waiting)).toBe('cancelled')
})

test('a line goes on when its cancelled head is no longer being sent', async () => {
  let letGo!: () => void
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const receiver = await receiverOf(async ({ url }) => {
    if (url === '/1') await held
    return {}
  })
  const requeuest = createRequeuest(database.prisma)
  const [first, second] = await requeuest.spawnMany('a', [`${receiver.url}/1`, `${receiver.url}/2`], {
    order: 'channel',
  })
  await requeuest.start({ channels: ['a'] })
  await receiver.waitForRequests(1)
  expect(await requeuest.cancel(first!)).toEqual({ matched: 1, cancelled: 1, inFlight: [first] })
  expect(await requeuest.find(second!)).toMatchObject({ blocked: true })
  letGo()
  expect(await requeuest.waitFor(second!)).toMatchObject({ status: 200 })
})

test('what a worker has claimed and not begun when it is stopped stays cancelled', async () => {
  const requeuest = createRequeuest(database.prisma)
  const id = await requeuest.spawn('test', url)
  await claim(database.prisma)
  expect(await requeuest.cancel(id)).toEqual({ matched: 1, cancelled: 1, inFlight: [id] })
  await releaseUnknownClaims(database.prisma, 'worker-1', [])
  await rescue(database.prisma, 10)
  expect(await requeuest.find(id)).toMatchObject({
    state: 'cancelled',
    attempts: [{ number: 1, outcome: 'abandoned' }],
  })
})

test('goes in batches, tells how far it is, and a dry run only counts', async () => {
  const requeuest = createRequeuest(database.prisma)
  await requeuest.spawnMany('test', Array(2).fill(url))
  const claimed = (await claim(database.prisma)).map(({ id }) => id)
  await requeuest.spawnMany('test', Array(2298).fill(url))
  const progress: unknown[] = []
  const onProgress = (soFar: unknown) => progress.push(soFar)
  const none = { cancelled: 0, inFlight: [] }
  expect(await requeuest.cancel({ channel: 'test' }, { dryRun: true, onProgress })).toEqual({ matched: 2300, ...none })
  expect(progress.splice(0)).toEqual([1000, 2000, 2300].map((matched) => ({ matched, ...none })))
  expect(await database.prisma.httpRequest.count({ where: { state: 'cancelled' } })).toBe(0)
  const inFlight = expect.arrayContaining(claimed)
  expect(await requeuest.cancel({ channel: 'test' }, { onProgress })).toMatchObject({ cancelled: 2300, inFlight })
  expect(progress).toEqual([1000, 2000, 2300].map((count) => ({ matched: count, cancelled: count, inFlight })))
})

test('what its progress throws ends it, and what is done stays done', async () => {
  const requeuest = createRequeuest(database.prisma)
  await requeuest.spawnMany('a', Array(1500).fill(url))
  const onProgress = () => {
    throw new Error('enough')
  }
  await expect(requeuest.cancel({ channel: 'a' }, { onProgress })).rejects.toThrow('enough')
  expect(await database.prisma.httpRequest.count({ where: { state: 'cancelled' } })).toBe(1000)
  expect(await requeuest.cancel({ channel: 'a' })).toEqual({ matched: 500, cancelled: 500, inFlight: [] })
})
