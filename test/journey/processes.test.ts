import path from 'node:path'
import { expect, test } from 'vitest'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'
import { end, startProcess } from '../support/processes.ts'

const database = useDatabase()
const program = path.join(import.meta.dirname, 'processes', 'worker.ts')

const startWorker = () => startProcess(program, { DATABASE_URL: database.url })

test('several processes share the work, and each request is sent once', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  const workers = await Promise.all([startWorker(), startWorker(), startWorker()])
  const ids = await requeuest.spawnMany('a', Array(600).fill(receiver.url))
  await Promise.all(ids.map((id) => requeuest.waitFor(id)))
  expect(receiver.requests).toHaveLength(600)
  const attempts = await database.prisma.httpAttempt.groupBy({ by: ['workerId'], _count: true })
  expect(attempts.reduce((sum, one) => sum + one._count, 0)).toBe(600)
  expect(attempts.length).toBeGreaterThan(1)
  await Promise.all(workers.map((worker) => end(worker, 'SIGTERM')))
  expect(workers.map((worker) => worker.exitCode)).toEqual([0, 0, 0])
})

test("a killed worker's request is retried within its lease and 5 s, and the killed attempt shows", async () => {
  let killed = false
  const receiver = await receiverOf(() => (killed ? {} : { how: 'hang' }))
  const requeuest = createRequeuest(database.prisma)
  const doomed = await startWorker()
  const id = await requeuest.spawn('a', receiver.url, { timeout: 10_000 })
  await receiver.waitForRequests(1)
  await end(doomed, 'SIGKILL')
  killed = true
  // The lease is 40 s: time passes for the row instead of for the test.
  await database.prisma.$executeRaw`UPDATE requeuest_request SET lease_until = now()`
  const leaseEndedAt = performance.now()
  await requeuest.start({ channels: ['a'] })
  await requeuest.waitFor(id)
  expect(performance.now() - leaseEndedAt).toBeLessThan(5000)
  const { attempts } = (await requeuest.find(id))!
  expect(attempts.map((attempt) => attempt.outcome)).toEqual(['abandoned', 'accepted'])
  expect(attempts[0]!.workerId).toContain(`:${doomed.pid}:`)
})
