import type { PrismaTransactionLike } from '../db.ts'

export interface WorkerRow {
  id: string
  host: string
  pid: number
  version: string
  channels: string[]
  concurrency: number
  startedAtMs: number
  lastSeenAtMs: number
  /** How long ago that was. */
  silentMs: number
  claimed: number
}

/** All workers, with how many of the first `limit` claims each holds. */
export function listWorkers(db: PrismaTransactionLike, limit: number) {
  return db.$queryRaw<WorkerRow[]>`
    WITH /* requeuest:listWorkers */ held AS (
      SELECT claimed_by, count(*)::int AS claimed
      FROM (SELECT claimed_by FROM requeuest_request WHERE state = 'claimed' ORDER BY lease_until LIMIT ${limit}::int) AS claim
      GROUP BY claimed_by)
    SELECT id, host, pid, version, coalesce(channels, '{}') AS channels, concurrency,
      (extract(epoch FROM started_at) * 1000)::float8 AS "startedAtMs",
      (extract(epoch FROM last_seen_at) * 1000)::float8 AS "lastSeenAtMs",
      ((extract(epoch FROM statement_timestamp()) - extract(epoch FROM last_seen_at)) * 1000)::float8 AS "silentMs",
      coalesce(claimed, 0) AS claimed
    FROM requeuest_worker LEFT JOIN held ON claimed_by = id
    ORDER BY host, started_at, id`
}
