import { expect, test, vi } from 'vitest'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

function gate() {
  let open!: () => void
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

test('waits for what is under way, records it and claims nothing more', async () => {
  const { open, opened } = gate()
  const receiver = await receiverOf(async () => {
    await opened
    return {}
  })
  const requeuest = createRequeuest(database.prisma)
  const ids = await requeuest.spawnMany('a', [receiver.url, receiver.url])
  await requeuest.start({ channels: ['a'], concurrency: 1 })
  await receiver.waitForRequests(1)
  const stopped = requeuest.stop()
  open()
  await stopped
  const rows = await database.prisma.httpRequest.findMany({ orderBy: { id: 'asc' } })
  expect(rows.map((row) => [row.state, row.attemptCount])).toEqual([
    ['delivered', 1],
    ['pending', 0],
  ])
  expect(rows.map((row) => row.id)).toEqual(ids)
})

test('records as abandoned what has no answer in time, and makes it due again', async () => {
  const receiver = await receiverOf(() => ({ how: 'hang' }))
  const requeuest = createRequeuest(database.prisma)
  const id = await requeuest.spawn('a', receiver.url)
  await requeuest.start({ channels: ['a'] })
  await receiver.waitForRequests(1)
  await requeuest.stop({ timeout: 0 })
  const found = await requeuest.find(id)
  expect(found).toMatchObject({
    state: 'pending',
    attempts: [{ number: 1, outcome: 'abandoned', errorCode: 'worker_stopped' }],
  })
})

test('can be started again, stopped twice, and disposed of', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  await requeuest.start({ channels: ['a'] })
  await requeuest.stop()
  await requeuest.stop()
  await requeuest.start({ channels: ['a'] })
  expect((await requeuest.spawnReturning('a', receiver.url)).status).toBe(200)
  await requeuest[Symbol.asyncDispose]()
  expect((await database.prisma.httpRequest.findMany({ where: { state: 'claimed' } })).length).toBe(0)
})

test('an instance that was not started sends nothing', async () => {
  const receiver = await receiverOf()
  const producer = createRequeuest(database.prisma)
  const id = await producer.spawn('a', receiver.url)
  await expect(producer.waitFor(id, { timeout: 100 })).rejects.toMatchObject({ code: 'wait_timeout', requestId: id })
  expect(receiver.requests).toEqual([])
})

test('a second stop() waits for the end of the first, and hurries it', async () => {
  const receiver = await receiverOf(() => ({ how: 'hang' }))
  const requeuest = createRequeuest(database.prisma)
  const id = await requeuest.spawn('a', receiver.url)
  await requeuest.start({ channels: ['a'] })
  await receiver.waitForRequests(1)
  const first = requeuest.stop()
  await expect(requeuest.start({ channels: ['a'] })).rejects.toMatchObject({ code: 'already_started' })
  await requeuest.stop({ timeout: 10 })
  await first
  expect(await requeuest.find(id)).toMatchObject({ state: 'pending', attempts: [{ outcome: 'abandoned' }] })
  await requeuest.start({ channels: ['a'] })
  await receiver.waitForRequests(2)
})

test('a second stop() does not give the first more time', async () => {
  const receiver = await receiverOf(() => ({ how: 'hang' }))
  const requeuest = createRequeuest(database.prisma)
  await requeuest.spawn('a', receiver.url)
  await requeuest.start({ channels: ['a'] })
  await receiver.waitForRequests(1)
  await Promise.all([requeuest.stop({ timeout: 10 }), requeuest.stop()])
})

test('a stop() hurries handlers that the first one waits for', async () => {
  const receiver = await receiverOf()
  let began!: () => void
  const begun = new Promise<void>((resolve) => {
    began = resolve
  })
  const requeuest = createRequeuest(database.prisma)
  requeuest.onSettled('a', () => {
    began()
    return new Promise(() => {})
  })
  await requeuest.start({ channels: ['a'] })
  const id = await requeuest.spawn('a', receiver.url)
  await begun
  const first = requeuest.stop()
  const fromMs = performance.now()
  await Promise.all([first, requeuest.stop({ timeout: 0 })])
  // By itself the first would give the handler its 5 s.
  expect(performance.now() - fromMs).toBeLessThan(3000)
  expect(await database.prisma.httpRequest.findUnique({ where: { id } })).toMatchObject({ state: 'delivered' })
})

test('stop() waits for a spawn that is writing its request for this worker', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  await requeuest.start({ channels: ['a'] })
  await requeuest.spawnReturning('a', receiver.url)
  for (let round = 0; round < 20; round++) {
    const spawned = requeuest.spawn('a', receiver.url)
    await Promise.resolve()
    await requeuest.stop()
    expect(await database.prisma.httpRequest.count({ where: { state: 'claimed' } })).toBe(0)
    await spawned
    await requeuest.start({ channels: ['a'] })
    await vi.waitFor(async () =>
      expect(await database.prisma.httpRequest.count({ where: { state: 'pending' } })).toBe(0),
    )
  }
})

test('handlers may be added while it stops, but not while it starts or runs', async () => {
  const requeuest = createRequeuest(database.prisma)
  const add = (channel: string) => requeuest.onSettled(channel, () => {})
  const started = requeuest.start({ channels: ['a'] })
  expect(() => add('b')).toThrow(expect.objectContaining({ code: 'already_started' }))
  await started
  expect(() => add('b')).toThrow(expect.objectContaining({ code: 'already_started' }))
  const stopped = requeuest.stop()
  add('b')
  await stopped
  add('c')
})

test('a renderer that is added while the worker starts is known to it', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  const started = requeuest.start({ channels: ['a'] })
  requeuest.renderer('late', () => receiver.url)
  await started
  expect((await requeuest.spawnReturning('a', { render: 'late' })).status).toBe(200)
})
