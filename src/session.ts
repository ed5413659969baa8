import type { Events } from './runtime/events.ts'
import { notMigrated, type PrismaTransactionLike, withDatabaseErrors } from './store/db.ts'
import { describeSession } from './store/session.ts'

/** Refuses a database without the tables, and warns of one whose times Prisma would misread. */
export async function checkSession(db: PrismaTransactionLike, events: Events): Promise<void> {
  const [session] = await withDatabaseErrors(() => describeSession(db))
  if (!session?.migrated) throw notMigrated()
  if (session.isUtc) return
  events.emit('warning', {
    message:
      `The database session is in the time zone ${session.timeZone}, but Prisma's Postgres adapter reads and writes ` +
      'timestamps as if it were UTC: times that you read through Prisma, and a `runAt` that you write, are off by the ' +
      "difference. Requeuest itself is not affected. To mend it: `ALTER DATABASE … SET timezone TO 'UTC'`, or " +
      "`options: '-c timezone=UTC'` in the adapter's pool configuration, which PgBouncer drops.",
  })
}
