import { LATEST_MS } from '../check/moment.ts'
import type { PrismaTransactionLike } from './db.ts'
import { textList } from './lists.ts'
import { LONGEST_LEASE_H } from './rescues.ts'

/** What there is to do that each worker does for all. Null is nothing as well. */
export interface MaintenanceRow {
  rescue: boolean | null
  expire: boolean | null
  unblock: boolean | null
  schedules: boolean | null
  reencrypt: boolean | null
}

export interface FoundMaintenance extends MaintenanceRow {
  atMs: number
}

/**
 * Looks whether there is any maintenance to do, by the first entries of indexes: `min` and `ORDER BY` say which index is meant,
 * whatever the planner believes of the table.
 *
 * @param withinMs - finds schedules that are due within this, and those without a valid next time
 * @param oldKeys - what is encrypted with these is to be encrypted anew
 * @param sinceMs - leases and expiries before this are not looked for; null to look for all
 */
export function findMaintenance(
  db: PrismaTransactionLike,
  withinMs: number,
  oldKeys: readonly string[],
  sinceMs: number | null,
) {
  const keys = textList(oldKeys)
  return db.$queryRaw<FoundMaintenance[]>`
    SELECT /* requeuest:findMaintenance */
      (extract(epoch FROM statement_timestamp()) * 1000)::float8 AS "atMs",
      (SELECT min(lease_until) FROM requeuest_request
        WHERE state = 'claimed' AND lease_until >= coalesce(to_timestamp(${sinceMs}::float8 / 1000), '-infinity'))
        < statement_timestamp()
        OR EXISTS (SELECT FROM requeuest_request
          WHERE state = 'claimed' AND lease_until > statement_timestamp() + ${LONGEST_LEASE_H}::int * interval '1 hour') AS rescue,
      (SELECT min(expires_at) FROM requeuest_request
        WHERE state = 'pending' AND expires_at IS NOT NULL AND expires_at >= coalesce(to_timestamp(${sinceMs}::float8 / 1000), '-infinity'))
        <= statement_timestamp() AS expire,
      (SELECT true FROM requeuest_request WHERE unblock_due ORDER BY id LIMIT 1) AS unblock,
      EXISTS (SELECT FROM requeuest_schedule WHERE paused_at IS NULL AND problem IS NULL AND next_run_at IS NULL)
        OR (SELECT min(next_run_at) FROM requeuest_schedule WHERE paused_at IS NULL AND problem IS NULL)
          <= statement_timestamp() + ${withinMs}::float8 * interval '1 millisecond'
        OR (SELECT max(next_run_at) FROM requeuest_schedule WHERE paused_at IS NULL AND problem IS NULL)
          > to_timestamp(${LATEST_MS}::float8 / 1000) AS schedules,
      EXISTS (
        SELECT FROM unnest(${keys}::text[]) AS old (key)
        CROSS JOIN LATERAL (
          (SELECT FROM requeuest_request WHERE encryption_key = old.key ORDER BY id LIMIT 1)
          UNION ALL
          (SELECT FROM requeuest_attempt WHERE encryption_key = old.key ORDER BY request_id, number LIMIT 1)
          UNION ALL
          (SELECT FROM requeuest_schedule WHERE encryption_key = old.key LIMIT 1)) AS found) AS reencrypt`
}
