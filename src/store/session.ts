import type { PrismaTransactionLike } from './db.ts'

/** The time zone of the session, whether it is UTC all year, and whether the tables and their functions are there. */
export function describeSession(db: PrismaTransactionLike) {
  return db.$queryRaw<{ timeZone: string; isUtc: boolean; migrated: boolean }[]>`
    SELECT current_setting('TimeZone') AS "timeZone",
      extract(timezone FROM timestamptz '2026-01-01') = 0 AND extract(timezone FROM timestamptz '2026-07-01') = 0 AS "isUtc",
      to_regclass('requeuest_request') IS NOT NULL AND to_regclass('requeuest_attempt') IS NOT NULL
        AND to_regprocedure('requeuest_next_turn(text, text, bigint, boolean)') IS NOT NULL
        AND to_regprocedure('requeuest_redrive(uuid, integer, double precision)') IS NOT NULL
        AND to_regclass('requeuest_schedule') IS NOT NULL
        AND to_regclass('requeuest_handler') IS NOT NULL
        AND to_regclass('requeuest_share') IS NOT NULL AS migrated`
}

/** The database's clock, in milliseconds since 1970. */
export function selectTime(db: PrismaTransactionLike) {
  return db.$queryRaw<{ nowMs: number }[]>`
    SELECT (extract(epoch FROM statement_timestamp()) * 1000)::float8 AS "nowMs"`
}
