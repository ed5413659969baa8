import type { ScopeName } from '../policy/scope.ts'
import type { PrismaTransactionLike } from './db.ts'

export function pauseChannel(db: PrismaTransactionLike, channel: string) {
  return db.$executeRaw`
    INSERT INTO requeuest_channel AS control (channel, paused_at) VALUES (${channel}, statement_timestamp())
    ON CONFLICT (channel) DO UPDATE SET paused_at = coalesce(control.paused_at, statement_timestamp())`
}

export function pauseOrigin(db: PrismaTransactionLike, origin: string) {
  return db.$executeRaw`
    INSERT INTO requeuest_origin AS control (origin, paused_at) VALUES (${origin}, statement_timestamp())
    ON CONFLICT (origin) DO UPDATE SET paused_at = coalesce(control.paused_at, statement_timestamp())`
}

export function resumeChannel(db: PrismaTransactionLike, channel: string) {
  return db.$executeRaw`
    UPDATE requeuest_channel SET paused_at = NULL WHERE channel = ${channel} AND paused_at IS NOT NULL`
}

/** Also closes its breaker and forgets that it asked to be left alone. */
export function resumeOrigin(db: PrismaTransactionLike, origin: string) {
  return db.$executeRaw`
    UPDATE requeuest_origin SET
      paused_at = NULL, retry_at = NULL, breaker = 'closed', open_until = NULL, open_count = 0, probed_by = NULL,
      probe_until = NULL
    WHERE origin = ${origin} AND (paused_at IS NOT NULL OR retry_at > statement_timestamp() OR breaker <> 'closed')`
}

/** How many requests of a channel, or to an origin, workers hold: those that may be under way. */
export function countClaimed(db: PrismaTransactionLike, { kind, name }: ScopeName) {
  return db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM requeuest_request
    WHERE state = 'claimed' AND CASE WHEN ${kind}::text = 'channel' THEN channel ELSE origin END = ${name}`
}
