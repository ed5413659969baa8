import type { ScopeName } from '../policy/scope.ts'
import type { PrismaTransactionLike } from './db.ts'

/** Pauses a channel or an origin. One that is paused already keeps the time since when it is. */
export function pauseScope(db: PrismaTransactionLike, { kind, name }: ScopeName) {
  return db.$executeRaw`
    INSERT /* requeuest:pauseScope */ INTO requeuest_limit AS control (kind, name, paused_at)
    VALUES (${kind}::text::requeuest_limit_kind, ${name}, statement_timestamp())
    ON CONFLICT (kind, name) DO UPDATE SET paused_at = coalesce(control.paused_at, statement_timestamp())`
}

/** Resumes a channel or an origin. Also closes the origin's breaker and forgets that it asked to be left alone. */
export function resumeScope(db: PrismaTransactionLike, { kind, name }: ScopeName) {
  return db.$executeRaw`
    UPDATE /* requeuest:resumeScope */ requeuest_limit SET
      paused_at = NULL, retry_at = NULL, breaker = 'closed', open_until = NULL, open_count = 0, probed_by = NULL,
      probe_until = NULL
    WHERE kind = ${kind}::text::requeuest_limit_kind AND name = ${name}
      AND (paused_at IS NOT NULL OR retry_at > statement_timestamp() OR breaker <> 'closed')`
}

/** How many requests of a channel, or to an origin, workers hold: those that may be under way. */
export function countClaimed(db: PrismaTransactionLike, { kind, name }: ScopeName) {
  return db.$queryRaw<{ count: number }[]>`
    SELECT /* requeuest:countClaimed */ count(*)::int AS count FROM requeuest_request
    WHERE state = 'claimed' AND CASE WHEN ${kind}::text = 'channel' THEN channel ELSE origin END = ${name}`
}
