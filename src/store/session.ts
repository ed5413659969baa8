import type { PrismaTransactionLike } from './db.ts'

export interface Session {
  timeZone: string
  isUtc: boolean
  tables: boolean
  functions: number
  hidesRows: boolean
  onlyReads: boolean
}

/**
 * The time zone of the session, whether it is UTC all year, whether all tables are there, how many of the three functions that
 * are called, whether some rows are hidden, and whether nothing can be written: on a standby, or by a setting.
 */
export function describeSession(db: PrismaTransactionLike, schema: string) {
  return db.$queryRaw<Session[]>`
    SELECT /* requeuest:describeSession */ current_setting('TimeZone') AS "timeZone",
      extract(timezone FROM timestamptz '2026-01-01') = 0 AND extract(timezone FROM timestamptz '2026-07-01') = 0 AS "isUtc",
      (SELECT bool_and(to_regclass(format('%I.%I', ${schema}::text, 'requeuest_' || name)) IS NOT NULL)
        FROM unnest('{request,attempt,handler,line,limit,semaphore_lease,schedule,worker}'::text[]) AS own (name)) AS tables,
      (SELECT count(*)::int FROM pg_proc
        WHERE pronamespace = to_regnamespace(quote_ident(${schema}::text))
          AND proname IN ('requeuest_body_text', 'requeuest_unblock_next', 'requeuest_redrive')) AS functions,
      (SELECT coalesce(bool_or(row_security_active(to_regclass(format('%I.%I', ${schema}::text, 'requeuest_' || name)))), false)
        FROM unnest('{request,attempt,handler,line,limit,semaphore_lease,schedule,worker}'::text[]) AS own (name)
        WHERE to_regclass(format('%I.%I', ${schema}::text, 'requeuest_' || name)) IS NOT NULL) AS "hidesRows",
      current_setting('transaction_read_only') = 'on' AS "onlyReads"`
}

/** The database's clock, in milliseconds since 1970. */
export function selectTime(db: PrismaTransactionLike) {
  return db.$queryRaw<{ nowMs: number }[]>`
    SELECT /* requeuest:selectTime */ (extract(epoch FROM statement_timestamp()) * 1000)::float8 AS "nowMs"`
}
