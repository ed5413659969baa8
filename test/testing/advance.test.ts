import { expect, test } from 'vitest'
import { http } from '../../src/index.ts'
import { jitterOf } from '../../src/policy/schedule.ts'
import { testing } from '../../src/testing/index.ts'
import { createRequeuest, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const url = 'https://api.example.com/bills'
const HOUR_MS = 3_600_000

/** Without those that stay where they are. */
function timesOf(row: object | null): Record<string, number> {
  const times = Object.entries(row ?? {}).filter(([name, value]) => value instanceof Date && name !== 'scheduledFor')
  return Object.fromEntries(times.map(([name, value]) => [name, Number(value)]))
}

const minus = (times: Record<string, number>, ms: number) =>
  Object.fromEntries(Object.entries(times).map(([name, time]) => [name, time - ms]))

const at = new Date('2030-01-01T00:00:00Z')

test('an hour that passes moves every time of requests, attempts, lines and limits back by an hour', async () => {
  const { prisma } = database
  const { httpRequest, httpAttempt, httpLine, httpLimit, httpSemaphoreLease } = prisma
  const requeuest = createRequeuest(prisma)
  const id = await requeuest.spawn('billing', url, { order: { key: 'a' } })
  const times = {
    runAt: at,
    expiresAt: at,
    dedupeUntil: at,
    claimedAt: at,
    leaseUntil: at,
    handlerDueAt: at,
    finishedAt: at,
  }
  await httpRequest.update({ where: { id }, data: times })
  await httpAttempt.create({
    data: { requestId: id, number: 1, outcome: 'rejected', startedAt: at, durationMs: 1, workerId: 'w', nextRunAt: at },
  })
  await httpLine.updateMany({ data: { heldAt: at } })
  const limits = { pausedAt: at, nextPermitAt: at }
  await httpLimit.create({ data: { kind: 'channel', name: 'billing', ...limits } })
  const ofOrigin = { ...limits, retryAt: at, openUntil: at, probeUntil: at }
  await httpLimit.create({ data: { kind: 'origin', name: new URL(url).origin, ...ofOrigin } })
  const lease = { workerId: 'w', slots: 1, wanted: 1, leaseUntil: at }
  await httpSemaphoreLease.create({ data: { kind: 'channel', name: 'billing', ...lease } })
  const rows = async () => [
    ...(await httpRequest.findMany()),
    ...(await httpAttempt.findMany()),
    ...(await httpLine.findMany()),
    ...(await httpLimit.findMany({ orderBy: { kind: 'asc' } })),
    ...(await httpSemaphoreLease.findMany()),
  ]

  const before = (await rows()).map(timesOf)
  await testing(requeuest, { channels: ['billing'] }).advance('1h')
  expect((await rows()).map(timesOf)).toEqual(before.map((row) => minus(row, HOUR_MS)))
  expect(before.map((row) => Object.keys(row).length)).toEqual([8, 2, 2, 2, 5, 1])

  // Another test's channels are where they were.
  await testing(requeuest, { channels: ['mails'] }).advance('1h')
  expect((await rows()).map(timesOf)).toEqual(before.map((row) => minus(row, HOUR_MS)))
})

test('every column that holds a time is moved, but for those of the calendar', async () => {
  const columns = await database.prisma.$queryRaw<{ name: string }[]>`
    SELECT table_name || '.' || column_name AS name FROM information_schema.columns
    WHERE table_name LIKE 'requeuest\_%' AND data_type LIKE 'timestamp%'`
  const stay = /^requeuest_(schedule|handler|worker|activity)\.|\.scheduled_for$/
  expect(columns.filter(({ name }) => !stay.test(name))).toHaveLength(8 + 2 + 2 + 5 + 1)
})

test('a request without a time has none afterwards, and one that is never due stays so', async () => {
  const { prisma } = database
  const requeuest = createRequeuest(prisma)
  const id = await requeuest.spawn('billing', url)
  await prisma.$executeRaw`UPDATE requeuest_request SET run_at = 'infinity'`
  await testing(requeuest).advance('1h')
  expect(await requeuest.find(id)).toMatchObject({ finishedAt: null, runAt: new Date(8.64e15) })
})

test('a schedule fires for the times that pass, each of which is one of the calendar', async () => {
  const { prisma } = database
  const requeuest = createRequeuest(prisma)
  const kit = testing(requeuest, { channels: ['reports'] })
  const first = await requeuest.schedule('daily', { cron: '@daily', channel: 'reports', request: http.get(url) })
  await requeuest.schedule('other', { cron: '@daily', channel: 'others', request: http.get(url) })
  const spawned = async () =>
    (await prisma.httpRequest.findMany({ orderBy: { scheduledFor: 'asc' } })).map((row) => row.scheduledFor)
  await kit.advance('1d')
  expect(await spawned()).toEqual([first])
  await kit.advance('1d')
  const second = new Date(Number(first) + 24 * HOUR_MS)
  expect(await spawned()).toEqual([first, second])
  // Both are due, though their times are still to come.
  expect(await prisma.httpRequest.count({ where: { runAt: { lte: new Date() } } })).toBe(2)
  expect(Number(second)).toBeGreaterThan(Date.now())
})

test('a time without workers is caught up with as the schedule says', async () => {
  const { prisma } = database
  const requeuest = createRequeuest(prisma)
  const kit = testing(requeuest)
  for (const catchUp of ['all', 'once', 'skip'] as const) {
    await requeuest.schedule(catchUp, { cron: '@hourly', channel: catchUp, request: http.get(url), catchUp })
  }
  await kit.advance('300h')
  const count = (channel: string) => prisma.httpRequest.count({ where: { channel } })
  expect(await count('all')).toBe(300)
  expect(await count('once')).toBe(1)
  expect(await count('skip')).toBeLessThanOrEqual(1)
})

test('what a schedule spawns late by its jitter is due late', async () => {
  const { prisma } = database
  const requeuest = createRequeuest(prisma)
  const kit = testing(requeuest)
  await requeuest.schedule('report', { cron: '@daily', channel: 'reports', request: http.get(url), jitter: '1h' })
  await kit.advance('1d')
  const [row] = await prisma.httpRequest.findMany()
  expect(Number(row?.runAt)).toBe(Number(row?.scheduledFor) + jitterOf(row?.id ?? '', HOUR_MS) - 24 * HOUR_MS)
})

test('a schedule counts from now again after a reset', async () => {
  const requeuest = createRequeuest(database.prisma)
  const kit = testing(requeuest)
  const hourly = { cron: '@hourly', channel: 'reports', request: http.get(url) }
  await requeuest.schedule('hourly', hourly)
  await kit.advance('1d')
  await kit.reset()
  await requeuest.schedule('hourly', hourly)
  await kit.advance('1ms')
  await kit.expectSpawned({}, { count: 0 })
})

test('a time that is none is refused', async () => {
  const kit = testing(createRequeuest(database.prisma))
  await expect(kit.advance('2 hours' as never)).rejects.toThrow('time must be a duration')
  await expect(kit.advance(0)).rejects.toThrow('time must be a duration')
})
