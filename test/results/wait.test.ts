import { getEventListeners } from 'node:events'
import { expect, inject, onTestFinished, test } from 'vitest'
import { RequestCancelledError, Requeuest } from '../../src/index.ts'
import { createDatabase } from '../support/databases.ts'
import { connect, createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

test('is told of a delivery by another process, through the database alone', async () => {
  const receiver = await receiverOf(() => ({ body: '{"ok":true}', headers: { 'x-a': '1' } }))
  const waiter = createRequeuest(connect(database.url))
  const worker = createRequeuest(connect(database.url))
  await worker.start({ channels: ['a'] })
  const id = await waiter.spawn('a', receiver.url)
  const response = await waiter.waitFor(id)
  expect(response.json()).toEqual({ ok: true })
  expect(response.headers.get('x-a')).toBe('1')
})

test('finds a request that was final long before', async () => {
  const receiver = await receiverOf()
  const worker = createRequeuest(database.prisma)
  await worker.start({ channels: ['a'] })
  const id = await worker.spawn('a', receiver.url)
  await worker.waitFor(id)
  await worker.stop()
  expect((await createRequeuest(database.prisma).waitFor(id)).status).toBe(200)
})

test('tells all who wait for a request that it was cleared, and nobody else', async () => {
  const requeuest = createRequeuest(database.prisma)
  const other = createRequeuest(database.prisma)
  const [first, second] = await requeuest.spawnMany('a', ['http://a.test/', 'http://b.test/'])
  const kept = await requeuest.spawn('b', 'http://c.test/')
  const waits = [requeuest.waitFor(first!), requeuest.waitFor(first!), other.waitFor(second!)]
  const settled = Promise.allSettled(waits)
  expect(await requeuest.clear({ channel: 'a' })).toBe(2)
  for (const result of await settled) {
    expect(result).toMatchObject({ status: 'rejected', reason: expect.any(RequestCancelledError) })
  }
  expect((await requeuest.find(kept))!.state).toBe('pending')
  expect(await requeuest.clear('all')).toBe(1)
  expect(await requeuest.clear({ channel: { in: ['a', 'b'] } })).toBe(0)
})

test('ends by a timeout or by a signal, and leaves the request as it is', async () => {
  const requeuest = createRequeuest(database.prisma)
  const id = await requeuest.spawn('a', 'http://a.test/')
  await expect(requeuest.waitFor(id, { timeout: 30 })).rejects.toMatchObject({ code: 'wait_timeout' })
  const controller = new AbortController()
  const waiting = requeuest.waitFor(id, { signal: controller.signal })
  const reason = new Error('enough')
  controller.abort(reason)
  await expect(waiting).rejects.toBe(reason)
  await expect(requeuest.waitFor(id, { signal: controller.signal })).rejects.toBe(reason)
  await expect(requeuest.spawnReturning('a', 'http://a.test/', { signal: controller.signal })).rejects.toBe(reason)
  expect(await database.prisma.httpRequest.count({ where: { state: 'pending' } })).toBe(1)
})

test('adds one listener to a signal for however many waits, and takes it off again', async () => {
  const warnings: Error[] = []
  const onWarning = (warning: Error) => void warnings.push(warning)
  process.on('warning', onWarning)
  onTestFinished(() => void process.off('warning', onWarning))
  const requeuest = createRequeuest(database.prisma)
  const other = createRequeuest(database.prisma)
  const ids = await requeuest.spawnMany('a', Array(30).fill('http://a.test/'))
  const controller = new AbortController()
  const { signal } = controller
  const listeners = () => getEventListeners(signal, 'abort').length

  const first = ids.map((id, index) => (index % 2 ? requeuest : other).waitFor(id, { signal }))
  const ended = Promise.allSettled(first)
  expect(listeners()).toBe(1)
  await requeuest.clear({ channel: 'a' })
  for (const end of await ended) expect(end).toMatchObject({ reason: expect.any(RequestCancelledError) })
  expect(listeners()).toBe(0)

  const [id = ''] = await requeuest.spawnMany('a', ['http://a.test/'])
  const second = Promise.allSettled(Array.from({ length: 30 }, () => requeuest.waitFor(id, { signal })))
  expect(listeners()).toBe(1)
  const reason = new Error('enough')
  controller.abort(reason)
  for (const end of await second) expect(end).toEqual({ status: 'rejected', reason })
  expect(listeners()).toBe(0)
  await new Promise(setImmediate)
  expect(warnings).toEqual([])
})

test('refuses to wait for what does not exist', async () => {
  const missing = createRequeuest(database.prisma).waitFor('019ac000-0000-7000-8000-000000000000')
  await expect(missing).rejects.toMatchObject({ code: 'request_not_found' })
})

test('notices when a request that is waited for is deleted', async () => {
  const requeuest = createRequeuest(database.prisma)
  const id = await requeuest.spawn('a', 'http://a.test/')
  const waiting = expect(requeuest.waitFor(id)).rejects.toMatchObject({ code: 'request_not_found' })
  await database.prisma.httpRequest.delete({ where: { id } })
  await waiting
})

test('ends when there are no tables to look into', async () => {
  const prisma = connect(await createDatabase(inject('serverUrl'), `waiting_${process.pid}`))
  const waiting = createRequeuest(prisma).waitFor('019ac000-0000-7000-8000-000000000000')
  await expect(waiting).rejects.toMatchObject({ code: 'not_migrated' })
})

test('listeners are functions of events that there are', () => {
  const requeuest = createRequeuest(database.prisma)
  expect(() => requeuest.on('delivrd' as never, () => {})).toThrow(/name must be one of 'attempt', 'delivered'/)
  expect(() => requeuest.on('delivered', 'no' as never)).toThrow(/listener must be a function/)
})

/** A client that counts how many ids each statement asks about. */
function counting() {
  const asked: number[] = []
  const client = connect(database.url).$extends({
    query: {
      $queryRaw({ args, query }) {
        const ids = args.values.flatMap((value) => (String(value).startsWith('{') ? String(value).split(',') : []))
        if (args.sql.includes('AS wanted (id)')) asked.push(ids.length)
        return query(args)
      },
    },
  })
  const requeuest = new Requeuest(client, { network: { allow: ['127.0.0.1'] } })
  onTestFinished(() => requeuest.stop())
  return { asked, requeuest }
}

test('waiting for 2500 requests asks about some of them at a time, and notices whatever another process does to each', async () => {
  const { asked, requeuest } = counting()
  const ids = await requeuest.spawnMany('a', Array(2500).fill('http://a.test/'))
  const ended = Promise.allSettled(ids.map((id) => requeuest.waitFor(id)))
  await expect.poll(() => asked.length, { timeout: 10_000 }).toBeGreaterThan(9)
  await database.prisma.httpRequest.deleteMany({ where: { id: { in: ids.slice(0, 100) } } })
  await createRequeuest(database.prisma).cancel({ channel: 'a' })
  const codes = (await ended).map((end) => (end.status === 'rejected' ? end.reason.code : 'delivered'))
  expect(codes).toEqual([...Array(100).fill('request_not_found'), ...Array(2400).fill('request_cancelled')])
  expect(Math.max(...asked)).toBe(1000)
})

test('waiting for 2500 requests tells at once what this process does', async () => {
  const receiver = await receiverOf()
  const { asked, requeuest } = counting()
  const ids = await requeuest.spawnMany('later', Array(2500).fill(receiver.url))
  const waits = Promise.allSettled(ids.map((id) => requeuest.waitFor(id)))
  await expect.poll(() => asked.length, { timeout: 10_000 }).toBeGreaterThan(9)
  await requeuest.start({ channels: ['now'] })
  const before = asked.length
  await requeuest.spawnReturning('now', receiver.url)
  // The wait begins with a question, and the end is asked for.
  expect(asked.length - before).toBeLessThan(10)
  await requeuest.clear('all')
  await waits
})
