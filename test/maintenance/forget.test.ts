import { expect, test, vi } from 'vitest'
import { deleteOldOrigins } from '../../src/store/breakers.ts'
import { createRequeuest, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const before = (ms: number) => new Date(Date.now() - ms)
const HOUR = 3_600_000

const over = [
  { origin: 'http://nothing' },
  { origin: 'http://asked', retryAt: before(1000) },
  { origin: 'http://recovered', breaker: 'closed' as const, openUntil: before(HOUR) },
  { origin: 'http://left', breaker: 'open' as const, openUntil: before(HOUR) },
  {
    origin: 'http://died',
    breaker: 'half_open' as const,
    openUntil: before(HOUR),
    probedBy: 'w',
    probeUntil: before(HOUR),
  },
]
const kept = [
  { origin: 'http://paused', pausedAt: before(HOUR) },
  { origin: 'http://limited', concurrency: 1 },
  { origin: 'http://rate', rate: 1 },
  { origin: 'http://asks', retryAt: before(-HOUR) },
  { origin: 'http://open', breaker: 'open' as const, openUntil: before(-HOUR) },
  { origin: 'http://due', breaker: 'open' as const, openUntil: before(1000) },
  {
    origin: 'http://tried',
    breaker: 'half_open' as const,
    openUntil: before(HOUR),
    probedBy: 'w',
    probeUntil: before(1000),
  },
]

test('rows of receivers of which there is nothing more to say are deleted, and no others', async () => {
  await database.prisma.httpOrigin.createMany({ data: [...over, ...kept] })
  await database.prisma.$executeRaw`
    INSERT INTO requeuest_origin (origin, retry_at) SELECT 'http://' || n, now() - interval '1 s' FROM generate_series(1, 1200) AS n`
  await createRequeuest(database.prisma).start({ channels: ['a'] })
  await vi.waitFor(async () => {
    const left = await database.prisma.httpOrigin.findMany({ select: { origin: true } })
    expect(left.map(({ origin }) => origin).sort()).toEqual(kept.map(({ origin }) => origin).sort())
  }, 10_000)
})

test('a row that somebody is writing is left to the next time', async () => {
  await database.prisma.httpOrigin.createMany({ data: [{ origin: 'http://a' }, { origin: 'http://b' }] })
  await database.prisma.$transaction(async (tx) => {
    await tx.httpOrigin.update({ where: { origin: 'http://a' }, data: { pausedAt: new Date() } })
    expect(await deleteOldOrigins(database.prisma, 10)).toBe(1)
  })
  expect(await deleteOldOrigins(database.prisma, 10)).toBe(0)
  expect(await database.prisma.httpOrigin.count()).toBe(1)
})
