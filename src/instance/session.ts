import type { Events } from '../events/events.ts'
import type { Database } from '../store/database.ts'
import { partlyMigrated, withDatabaseErrors } from '../store/db.ts'
import { describeSession } from '../store/session.ts'

/**
 * Refuses a database without all that the migrations make, and warns of one whose times Prisma would misread, that hides rows, or
 * that only takes reads.
 */
export async function checkSession(db: Database, events: Events): Promise<void> {
  const [schema, session] = await withDatabaseErrors(async () => {
    const { schema } = (await db.find()).home
    return [schema, (await describeSession(db, schema))[0]] as const
  })
  if (!session) throw new Error('the database said nothing of the session')
  if (!session.tables || session.functions < 3) throw partlyMigrated(schema, session.functions === 0)
  if (session.hidesRows) {
    events.emit('warning', {
      message:
        `Row-level security hides requests from this role in the schema ${JSON.stringify(schema)}: those that it hides are never ` +
        'sent. Give the role BYPASSRLS, or a policy that lets it see and write all rows of the tables.',
    })
  }
  if (session.onlyReads) {
    events.emit('warning', {
      message:
        'The database is read-only for this client, so nothing is claimed or sent. Connect to the primary instead of a ' +
        'standby, and do not set `default_transaction_read_only` for its role, its database or its sessions.',
    })
  }
  if (session.isUtc) return
  events.emit('warning', {
    message:
      `The database session is in the time zone ${session.timeZone}, but Prisma's Postgres adapter reads and writes ` +
      'timestamps as if it were UTC: times that you read through Prisma, and a `runAt` that you write, are off by the ' +
      "difference. Requeuest itself is not affected. To fix it: `ALTER DATABASE … SET timezone TO 'UTC'`, or " +
      "`options: '-c timezone=UTC'` in the adapter's pool configuration, which PgBouncer drops.",
  })
}
