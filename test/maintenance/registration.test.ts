import { hostname } from 'node:os'
import { expect, onTestFinished, test, vi } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { Registration } from '../../src/maintenance/registration.ts'
import { deleteWorker, renewWorker } from '../../src/store/workers.ts'
import { connect, createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const worker = (id: string) => ({ id, host: 'h', pid: 1, version: '0.0.0', channels: ['a'], concurrency: 5 })
const secondsAgo = (seconds: number) => new Date(Date.now() - seconds * 1000)

test('a worker is shown from its start to its stop, with what it holds', async () => {
  let answer = () => {}
  const receiver = await receiverOf(
    () =>
      new Promise((resolve) => {
        answer = () => resolve({})
      }),
  )
  const requeuest = createRequeuest(database.prisma)
  const observer = createRequeuest(connect(database.url))
  expect(await observer.inspect.workers()).toEqual([])
  await requeuest.start({ channels: ['a', 'Ä,"{}'], concurrency: 7 })
  const id = await requeuest.spawn('a', receiver.url)
  await vi.waitFor(() => expect(receiver.requests).toHaveLength(1))
  await vi.waitFor(async () => expect(await observer.inspect.workers()).toHaveLength(1))
  const [found] = await observer.inspect.workers()
  expect(found).toEqual({
    id: (await database.prisma.httpRequest.findUnique({ where: { id } }))!.claimedBy,
    host: hostname(),
    pid: process.pid,
    version: packageJson.version,
    channels: ['a', 'Ä,"{}'],
    concurrency: 7,
    claimed: 1,
    startedAt: expect.any(Date),
    lastSeenAt: expect.any(Date),
    isLive: true,
  })
  answer()
  await requeuest.stop()
  expect(await observer.inspect.workers()).toEqual([])
})

test('a worker that takes requests from all channels says so', async () => {
  const requeuest = createRequeuest(database.prisma)
  await requeuest.start({ channels: 'all' })
  await vi.waitFor(async () => expect(await requeuest.inspect.workers()).toMatchObject([{ channels: 'all' }]))
})

test('a worker that has not been seen for 45 seconds counts as dead, and is forgotten after two minutes', async () => {
  const { prisma } = database
  const requeuest = createRequeuest(prisma)
  const isLive = async () => (await requeuest.inspect.workers()).map((one) => [one.id, one.isLive])
  await renewWorker(prisma, worker('dead'), false)
  await renewWorker(prisma, worker('living'), false)
  await prisma.httpWorker.update({ where: { id: 'dead' }, data: { lastSeenAt: secondsAgo(60) } })
  await renewWorker(prisma, worker('living'), false)
  expect(await isLive()).toEqual([
    ['dead', false],
    ['living', true],
  ])
  await prisma.httpWorker.update({ where: { id: 'dead' }, data: { lastSeenAt: secondsAgo(130) } })
  await renewWorker(prisma, worker('living'), false)
  expect(await isLive()).toEqual([['living', true]])
})

test('a worker that was thought dead and is not comes back', async () => {
  const { prisma } = database
  await renewWorker(prisma, worker('asleep'), false)
  const { startedAt } = await prisma.httpWorker.update({
    where: { id: 'asleep' },
    data: { lastSeenAt: secondsAgo(300) },
  })
  await renewWorker(prisma, worker('asleep'), false)
  const [found] = await prisma.httpWorker.findMany()
  expect(found!.startedAt).toEqual(startedAt)
  expect(found!.lastSeenAt.getTime()).toBeGreaterThan(secondsAgo(30).getTime())
  await deleteWorker(prisma, 'asleep')
  expect(await prisma.httpWorker.count()).toBe(0)
})

test('a row that cannot be written is reported once, and keeps nobody from starting, sending and stopping', async () => {
  const { prisma } = database
  await prisma.$executeRaw`ALTER TABLE requeuest_worker ADD CONSTRAINT never CHECK (false)`
  onTestFinished(async () => void (await prisma.$executeRaw`ALTER TABLE requeuest_worker DROP CONSTRAINT never`))
  const receiver = await receiverOf()
  const requeuest = createRequeuest(prisma)
  const errors: string[] = []
  requeuest.on('error', ({ message }) => errors.push(message))
  await requeuest.start({ channels: ['a'] })
  expect(await requeuest.spawnReturning('a', receiver.url)).toMatchObject({ status: 200 })
  await vi.waitFor(() => expect(errors).toEqual([expect.stringContaining('requeuest_worker')]))
  await requeuest.stop()
  expect(errors).toHaveLength(1)
})

test('a registration that the database does not answer ends nevertheless', async () => {
  const silent = { $executeRaw: () => new Promise(() => {}), $queryRaw: () => new Promise(() => {}) }
  const registration = new Registration(
    silent as never,
    worker('w'),
    () => false,
    Math.random,
    () => 0,
  )
  await registration.stop()
})
