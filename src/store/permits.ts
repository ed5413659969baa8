import type { ScopeKind } from '../policy/scope.ts'
import type { PrismaTransactionLike } from './db.ts'
import { plainList, textList } from './lists.ts'

/** How far ahead starts are given out, and how far behind they are made up for: within this, a limit may be exceeded. */
const WINDOW_MS = { ahead: 250, behind: 100 }

/** Starts that a worker leased: `count` of them, the first one in `fromMs`, each `spacingMs` behind the one before. */
export interface Lease {
  name: string
  /** None when all are given out for now. */
  count: number
  fromMs: number
  spacingMs: number
}

/**
 * Leases the next free starts of channels or origins whose rate is limited, up to as many as are wanted: one row of each is
 * read and written, however many requests there are.
 *
 * Does not wait for long: somebody may have a row locked for as long as a transaction of his is open.
 *
 * A start that is further away than any lease can make it was written under a slower rate, or by hand: it does not count.
 */
export function takePermits(db: PrismaTransactionLike, kind: ScopeKind, wanted: ReadonlyMap<string, number>) {
  return db.$queryRaw<Lease[]>`
    WITH /* requeuest:takePermits */ budget AS MATERIALIZED (
      SELECT control.name, wanted.count AS wanted, rate_interval_ms::float8 / rate AS spacing_ms,
        ((extract(epoch FROM next_permit_at) - extract(epoch FROM statement_timestamp())) * 1000)::float8 AS next_ms
      FROM requeuest_limit AS control
      JOIN unnest(${textList([...wanted.keys()])}::text[], ${plainList([...wanted.values()])}::int[]) AS wanted (name, count)
        ON wanted.name = control.name
      WHERE kind = (SELECT ${kind}::text::requeuest_limit_kind) AND rate IS NOT NULL AND (SELECT set_config('lock_timeout', '100ms', true)) <> ''
      ORDER BY control.name FOR UPDATE OF control
    ), next AS (
      SELECT *, CASE WHEN next_ms <= spacing_ms + 2 * ${WINDOW_MS.ahead}::float8
        THEN greatest(next_ms, -${WINDOW_MS.behind}::float8) ELSE 0 END AS from_ms
      FROM budget
    ), lease AS (
      SELECT *, CASE WHEN from_ms < ${WINDOW_MS.ahead}::float8
          THEN greatest(1, least(wanted, floor((${WINDOW_MS.ahead}::float8 - from_ms) / spacing_ms)::int)) ELSE 0 END AS count
      FROM next
    ), taken AS (
      UPDATE requeuest_limit AS control SET
        next_permit_at = statement_timestamp() + (from_ms + lease.count * spacing_ms) * interval '1 millisecond'
      FROM lease
      WHERE control.kind = (SELECT ${kind}::text::requeuest_limit_kind) AND control.name = lease.name AND lease.count > 0
    )
    SELECT name, count, from_ms AS "fromMs", spacing_ms AS "spacingMs" FROM lease`
}

/**
 * The channels in which something is due: one probe for each priority, in the order of the index that `priority >= -32768`, which
 * always holds, names (see `claimRequests`).
 */
export function listDueChannels(db: PrismaTransactionLike, channels: readonly string[]) {
  return db.$queryRaw<{ name: string }[]>`
    SELECT /* requeuest:listDueChannels */ name FROM unnest((SELECT ${textList(channels)}::text[])) AS wanted (name)
    WHERE EXISTS (
      SELECT FROM generate_series(0, 9) AS level (priority)
      CROSS JOIN LATERAL (
        SELECT FROM requeuest_request
        WHERE channel = wanted.name AND priority = level.priority AND state = 'pending' AND NOT blocked
          AND priority >= -32768 AND run_at <= statement_timestamp()
        ORDER BY run_at, id LIMIT 1) AS due)`
}
