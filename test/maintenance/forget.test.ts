import { expect, test, vi } from 'vitest'
import { deleteOldActivity } from '../../src/store/activity.ts'
import { deleteOldOrigins } from '../../src/store/breakers.ts'
import { createRequeuest, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const before = (ms: number) => new Date(Date.now() - ms)
const HOUR = 3_600_000
const kind = 'origin' as const

const over = [
  { kind, name: 'http://nothing' },
  { kind, name: 'http://asked', retryAt: before(1000) },
  { kind, name: 'http://recovered', breaker: 'closed' as const, openUntil: before(HOUR) },
  { kind, name: 'http://left', breaker: 'open' as const, openUntil: before(HOUR) },
  {
    kind,
    name: 'http://died',
    breaker: 'half_open' as const,
    openUntil: before(HOUR),
    probedBy: 'w',
    probeUntil: before(HOUR),
  },
]
const kept = [
  { kind, name: 'http://paused', pausedAt: before(HOUR) },
  { kind, name: 'http://limited', concurrency: 1 },
  { kind, name: 'http://rate', rate: 1 },
  { kind, name: 'http://asks', retryAt: before(-HOUR) },
  { kind, name: 'http://open', breaker: 'open' as const, openUntil: before(-HOUR) },
  { kind, name: 'http://due', breaker: 'open' as const, openUntil: before(1000) },
  {
    kind,
    name: 'http://tried',
    breaker: 'half_open' as const,
    openUntil: before(HOUR),
    probedBy: 'w',
    probeUntil: before(1000),
  },
]

test('rows of receivers of which there is nothing more to say are deleted, and no others', async () => {
  await database.prisma.httpLimit.createMany({ data: [...over, ...kept] })
  await database.prisma.$executeRaw`
    INSERT INTO requeuest_limit (kind, name, retry_at) SELECT 'origin', 'http://' || n, now() - interval '1 s' FROM generate_series(1, 1200) AS n`
  await createRequeuest(database.prisma).start({ channels: ['a'] })
  await vi.waitFor(async () => {
    const left = await database.prisma.httpLimit.findMany({ select: { name: true } })
    expect(left.map(({ name }) => name).sort()).toEqual(kept.map(({ name }) => name).sort())
  }, 10_000)
})

test('a row that somebody is writing is left to the next time', async () => {
  await database.prisma.httpLimit.createMany({
    data: [
      { kind, name: 'http://a' },
      { kind, name: 'http://b' },
    ],
  })
  await database.prisma.$transaction(async (tx) => {
    await tx.httpLimit.update({ where: { kind_name: { kind, name: 'http://a' } }, data: { pausedAt: new Date() } })
    expect(await deleteOldOrigins(database.prisma, 10)).toBe(1)
  })
  expect(await deleteOldOrigins(database.prisma, 10)).toBe(0)
  expect(await database.prisma.httpLimit.count()).toBe(1)
})

const MINUTE = 60_000
const counted = (name: string, minutes: number, agoMinutes: number, of: 'channel' | 'origin' = kind) => ({
  kind: of,
  name,
  minutes,
  at: before(agoMinutes * MINUTE),
})
const forCharts = [
  counted('new', 1, 61),
  counted('new', 10, 61 * 10),
  counted('new', 30, 61 * 30),
  counted('new', 1, -10, 'channel'),
]
const forNone = [
  counted('old', 1, 63),
  counted('old', 10, 63 * 10, 'channel'),
  counted('old', 30, 63 * 30),
  counted('old', 1, 63, 'channel'),
]

test('counts are deleted when no chart reaches back to them', async () => {
  const { prisma } = database
  await prisma.httpActivity.createMany({ data: [...forCharts, ...forNone] })
  await prisma.$executeRaw`
    INSERT INTO requeuest_activity (kind, minutes, at, name)
    SELECT 'origin', 1, now() - interval '1 day', 'many ' || n FROM generate_series(1, 1200) AS n`
  await createRequeuest(prisma).start({ channels: ['a'] })
  await vi.waitFor(async () => {
    const left = await prisma.httpActivity.findMany({ select: { name: true } })
    expect(left.map(({ name }) => name)).toEqual(forCharts.map(({ name }) => name))
  }, 10_000)
})

test('counts are deleted in batches, and those that somebody has locked are left to the next time', async () => {
  const { prisma } = database
  await prisma.httpActivity.createMany({ data: ['a', 'b', 'c'].map((name) => counted(name, 1, 100)) })
  await prisma.$transaction(async (tx) => {
    await tx.httpActivity.updateMany({ where: { name: 'a' }, data: { attempts: 1 } })
    expect(await deleteOldActivity(prisma, 62, 1)).toBe(1)
    expect(await deleteOldActivity(prisma, 62, 10)).toBe(1)
  })
  expect(await deleteOldActivity(prisma, 62, 10)).toBe(1)
})
