import { missingMigrations, packagedMigrations } from '../../instance/migrate.ts'
import { withDatabaseErrors } from '../../store/db.ts'
import { findMissingObjects } from '../../store/diagnosis.ts'
import { describeSession } from '../../store/session.ts'
import { count } from '../output.ts'
import type { Session } from '../session.ts'
import type { Finding } from './finding.ts'
import { namesIn } from './object-names.ts'

/** Whether the tables are as the migrations make them, and open to this role. */
export async function checkSchema({ db }: Session): Promise<Finding[]> {
  const missing = await missingMigrations(db)
  if (missing.length > 0) {
    return [
      {
        check: 'migrations',
        level: 'warning',
        message: `The database lacks ${count(missing.length, 'migration')}: ${missing.map(({ name }) => name).join(', ')}.`,
        advice: 'Run `requeuest migrate`, or `prisma migrate deploy`.',
      },
    ]
  }
  const { schema } = (await db.find()).home
  const [lacking, [session]] = await withDatabaseErrors(async () => [
    await findMissingObjects(db, schema, namesIn(packagedMigrations())),
    await describeSession(db, schema),
  ])
  const findings: Finding[] = []
  if (lacking.length > 0) {
    findings.push({
      check: 'drift',
      level: 'warning',
      message: `The tables are not as the migrations made them. Missing, invalid or disabled: ${lacking.map(({ kind, name }) => `${kind} ${name}`).join(', ')}.`,
      advice:
        'Find out who changed them. In a copy of the migration, the statement that makes each of them can be run again.',
    })
  }
  if (session?.hidesRows) {
    findings.push({
      check: 'row_security',
      level: 'warning',
      message: 'Row-level security hides requests from this role: those that it hides from a worker are never sent.',
      advice: 'Give the role of the workers BYPASSRLS, or a policy that lets it see and write all rows.',
    })
  }
  if (session?.onlyReads) {
    findings.push({
      check: 'read_only',
      level: 'warning',
      message: 'The database is read-only for this role, so a worker that connects like this claims nothing.',
      advice: 'Connect to the primary, and do not set `default_transaction_read_only`.',
    })
  }
  if (session && !session.isUtc) {
    findings.push({
      check: 'time_zone',
      level: 'warning',
      message: `Sessions are in the time zone ${session.timeZone}, but Prisma's adapter reads and writes times as if it were UTC.`,
      advice: "Run `ALTER DATABASE … SET timezone TO 'UTC'`, or pass `options: '-c timezone=UTC'` to the adapter.",
    })
  }
  return findings
}
