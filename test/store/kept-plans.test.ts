import { PrismaPg } from '@prisma/adapter-pg'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { PrismaClient } from '../../generated/prisma/client.ts'
import { http, type Requeuest, type SpawnOptions, statementName } from '../../src/index.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
// What a plan is thought to cost must not change in the middle of a test.
beforeAll(() => database.prisma.$executeRaw`ALTER TABLE requeuest_request SET (autovacuum_enabled = false)`)
beforeAll(() => database.prisma.$executeRaw`ALTER TABLE requeuest_attempt SET (autovacuum_enabled = false)`)

/** Postgres plans a statement for its values five times before it may keep a plan. */
const PLANNED_FIRST = 5
const OFTEN = 12
const ROUNDS = 25

/** A client that has but one connection, on which its statements keep their names and can be looked at. */
function clientOfOne(): PrismaClient {
  const adapter = new PrismaPg({ connectionString: database.url, max: 1 }, { statementNameGenerator: statementName })
  const prisma = new PrismaClient({ adapter })
  onTestFinished(() => prisma.$disconnect())
  return prisma
}

/** How the statements begin that were used often, and those of them that were planned each time. */
async function usedOften(prisma: PrismaClient): Promise<{ used: string[]; plannedAnew: string[] }> {
  const rows = await prisma.$queryRaw<{ statement: string; anew: number; kept: number }[]>`
    SELECT statement, custom_plans::int AS anew, generic_plans::int AS kept FROM pg_prepared_statements`
  const beginning = ({ statement }: { statement: string }) => statement.replaceAll(/\s+/g, ' ').trim().slice(0, 80)
  const often = rows.filter(({ anew, kept }) => anew + kept >= OFTEN)
  return { used: often.map(beginning), plannedAnew: often.filter(({ anew }) => anew > PLANNED_FIRST).map(beginning) }
}

interface Case {
  name: string
  status?: number
  body?: string
  options?: (round: number) => SpawnOptions
  prepare?: (requeuest: Requeuest, url: string) => unknown
}

const CASES: Case[] = [
  { name: 'accepted' },
  { name: 'refused and given up', status: 400 },
  { name: 'a large body', body: 'x'.repeat(100_000) },
  { name: 'in a line', options: () => ({ order: { key: 'x' } }) },
  { name: 'with a key', options: (round) => ({ dedupe: { key: `key ${round}` } }) },
  {
    name: 'under limits',
    prepare: (requeuest, url) => requeuest.setLimits({ origin: url }, { concurrency: 2, rate: { limit: 10_000 } }),
  },
  {
    name: 'of a channel under limits',
    prepare: (requeuest) => requeuest.setLimits({ channel: 'a' }, { concurrency: 2, rate: { limit: 10_000 } }),
  },
  { name: 'with a handler', prepare: (requeuest) => requeuest.onSettled('a', async () => {}) },
]

test.each(CASES)(
  'no statement is planned each time it is used: $name',
  async ({ status = 200, body, options, prepare }) => {
    const prisma = clientOfOne()
    const receiver = await receiverOf(() => ({ status }))
    const requeuest = createRequeuest(prisma, { retry: { onStatus: { 400: 'fail' } } })
    await prepare?.(requeuest, receiver.url)
    await requeuest.start({ channels: ['a'], concurrency: 4, concurrencyPerOrigin: 1 })
    for (let round = 0; round < ROUNDS; round++) {
      const spawn = (to: string) =>
        requeuest.spawn('a', http.post(`${to}/`, body === undefined ? {} : { body }), options?.(round))
      // Two at once to one origin that may have one: the second one is claimed, and not begun as it is written.
      const ids = await Promise.all([
        spawn(receiver.url),
        spawn(receiver.url),
        spawn(receiver.url.replace('127.0.0.1', 'localhost')),
      ])
      await Promise.all(ids.map((id) => requeuest.waitFor(id).catch(() => {})))
    }
    const { used, plannedAnew } = await usedOften(prisma)
    expect(used.length).toBeGreaterThan(1)
    expect(plannedAnew).toEqual([])
  },
)
