import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../generated/prisma/client.ts'
import { type RequestFilter, Requeuest, statementName } from '../../src/index.ts'

/** What an operator asks of a database, by what it is called in a table. */
export interface Answers {
  migrate(): Promise<unknown>
  all: readonly (readonly [label: string, ask: () => Promise<unknown>])[]
  close(): Promise<void>
}

export function openAnswers(databaseUrl: string): Answers {
  const config = { connectionString: databaseUrl, options: '-c timezone=UTC' }
  const prisma = new PrismaClient({ adapter: new PrismaPg(config, { statementNameGenerator: statementName }) })
  const requeuest = new Requeuest(prisma)
  const { inspect } = requeuest
  const failed: RequestFilter = { state: 'failed', channel: 'channel-1' }
  const anHourAgo = new Date(Date.now() - 3_600_000)
  return {
    migrate: () => requeuest.migrate(),
    all: [
      ['requests(), the last 50', () => inspect.requests()],
      ['requests(), 1000', () => inspect.requests(undefined, { limit: 1000 })],
      ['requests(), those that failed in a channel', () => inspect.requests(failed)],
      ['requests(), a URL that there is not', () => inspect.requests({ url: { contains: '/nowhere' } })],
      [
        'requests(), delivered in the last hour',
        () => inspect.requests({ state: 'delivered', finishedAt: { gte: anHourAgo } }),
      ],
      ['count(), all', () => inspect.count()],
      ['count(), those that failed', () => inspect.count({ state: 'failed' })],
      ['count(), by the last status', () => inspect.count({ lastAttempt: { status: 503 } })],
      ['channels()', () => inspect.channels()],
      ['failures()', () => inspect.failures()],
      ["outcomes(), '5m'", () => inspect.outcomes()],
      ["outcomes(), '7d'", () => inspect.outcomes({ within: '7d' })],
      ['origins()', () => inspect.origins()],
      ['lines()', () => inspect.lines()],
      ['workers()', () => inspect.workers()],
    ],
    close: () => prisma.$disconnect(),
  }
}
