import { expect, test } from 'vitest'
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
  await requeuest.stop({ timeoutMs: 0 })
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
  await expect(producer.waitFor(id, { timeoutMs: 100 })).rejects.toMatchObject({ code: 'wait_timeout', requestId: id })
  expect(receiver.requests).toEqual([])
})
