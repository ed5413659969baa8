import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../generated/prisma/client.ts'
import { migrateDeploy } from '../../test/support/migrate.ts'
import { startPostgres } from '../../test/support/postgres.ts'
import { sayStep } from './output.ts'

export interface DemoDatabase extends AsyncDisposable {
  prisma: PrismaClient
}

/** A migrated database: the one at `url`, or one on a temporary server of the demo's own. */
export async function openDatabase(url: string | undefined, signal: AbortSignal): Promise<DemoDatabase> {
  const server = url === undefined ? await startPostgres() : undefined
  try {
    signal.throwIfAborted()
    const connectionString = url ?? server?.url ?? ''
    await migrate(connectionString)
    sayStep('database', `${server ? 'a Postgres of its own' : 'DATABASE_URL'}, migrated by \`prisma migrate deploy\``)
    // Prisma's adapter reads times as if the session were in UTC, so the session has to be.
    const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString, options: '-c timezone=UTC' }) })
    return {
      prisma,
      async [Symbol.asyncDispose]() {
        await prisma.$disconnect()
        await server?.stop()
      },
    }
  } catch (error) {
    await server?.stop()
    throw error
  }
}

async function migrate(url: string): Promise<void> {
  try {
    await migrateDeploy(url)
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string }
    throw new Error(`\`prisma migrate deploy\` failed:\n${stderr.trim() || message}`, { cause: error })
  }
}
