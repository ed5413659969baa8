import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { PrismaClient } from '../../../generated/prisma/client.ts'
import { Requeuest } from '../../../src/index.ts'
import type { Death } from '../lab/history.ts'
import { openLog } from '../lab/log.ts'
import { TIMEOUT_MS } from './script.ts'

/** A connection that went silent is found out by this: nothing in Postgres or TCP would tell its client. */
const QUERY_TIMEOUT_MS = 5000
const LEAVE_MS = 2 * QUERY_TIMEOUT_MS

/** What a process of an application has: a client of the lab's database and an instance on it. */
export function connect(): { prisma: PrismaClient; requeuest: Requeuest } {
  noteDeath()
  const pool = new pg.Pool({
    connectionString: process.env['DATABASE_URL'] as string,
    application_name: String(process.pid),
    query_timeout: QUERY_TIMEOUT_MS,
    connectionTimeoutMillis: QUERY_TIMEOUT_MS,
  })
  // Between the pool's own listener and the adapter's there is a moment in which a connection has none, and an error
  // that comes just then would end the process.
  pool.on('connect', (client) => client.on('error', () => {}))
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool, { disposeExternalPool: true }) })
  const requeuest = new Requeuest(prisma, {
    network: { allow: ['127.0.0.1'] },
    timeout: TIMEOUT_MS,
    retry: { backoff: { base: 20, factor: 2, max: 500, jitter: 'none' } },
    // By default the one receiver, struck again and again, would be left alone for longer than the lab waits in the end.
    breaker: { openFor: 200, maxOpenFor: 1000 },
  })
  return { prisma, requeuest }
}

/**
 * Disconnects, and ends the process soon in any case: a connection that fell silent while it was made or closed may keep
 * it for ever.
 */
export async function leave(prisma: PrismaClient): Promise<void> {
  setTimeout(() => process.exit(), LEAVE_MS).unref()
  await prisma.$disconnect()
}

/** A process takes its time to end, and may be killed meanwhile: its exit would not show what it had died of. */
function noteDeath(): void {
  const note = openLog<Death>(process.env['LAB_DEATHS'] as string)
  process.on('uncaughtExceptionMonitor', (error) => {
    note({ name: process.env['LAB_NAME'] as string, pid: process.pid, code: String(error) })
  })
}
