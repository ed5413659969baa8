import type { RequestState } from '../../policy/request.ts'
import type { PrismaTransactionLike } from '../db.ts'

/** What, besides a request's own state, says what becomes of it next. */
export interface SituationRow {
  nowMs: number
  origin: string
  dedupeKey: string | null
  schedule: string | null
  scheduledForMs: number | null
  maxAttempts: number
  expiresAtMs: number | null
  timeoutMs: number
  /** Bytes of the stored body; null if there is none. */
  bodySize: number | null
  claimedBy: string | null
  claimedAtMs: number | null
  leaseUntilMs: number | null
  handlerDueAtMs: number | null
  handlerErrors: number
  channelPausedAtMs: number | null
  channelConcurrency: number | null
  channelRate: number | null
  channelRateIntervalMs: number | null
  originPausedAtMs: number | null
  originConcurrency: number | null
  originRate: number | null
  originRateIntervalMs: number | null
  breaker: 'closed' | 'open' | 'half_open' | null
  openUntilMs: number | null
  retryAtMs: number | null
  /** The failed request that holds its line. */
  heldById: string | null
  heldAtMs: number | null
  /** The first live request before it in its line. */
  firstId: string | null
  firstState: RequestState | null
}

export function selectSituation(db: PrismaTransactionLike, id: string) {
  return db.$queryRaw<SituationRow[]>`
    SELECT /* requeuest:selectSituation */ (extract(epoch FROM statement_timestamp()) * 1000)::float8 AS "nowMs",
      left(request.origin, 1000) AS origin, left(dedupe_key, 1000) AS "dedupeKey", left(schedule, 1000) AS schedule,
      (extract(epoch FROM scheduled_for) * 1000)::float8 AS "scheduledForMs", max_attempts AS "maxAttempts",
      (extract(epoch FROM expires_at) * 1000)::float8 AS "expiresAtMs", timeout_ms AS "timeoutMs",
      octet_length(body) AS "bodySize", left(claimed_by, 1000) AS "claimedBy",
      (extract(epoch FROM claimed_at) * 1000)::float8 AS "claimedAtMs",
      (extract(epoch FROM lease_until) * 1000)::float8 AS "leaseUntilMs",
      (extract(epoch FROM handler_due_at) * 1000)::float8 AS "handlerDueAtMs", handler_errors AS "handlerErrors",
      (extract(epoch FROM own.paused_at) * 1000)::float8 AS "channelPausedAtMs", own.concurrency AS "channelConcurrency",
      own.rate AS "channelRate", own.rate_interval_ms AS "channelRateIntervalMs",
      (extract(epoch FROM receiver.paused_at) * 1000)::float8 AS "originPausedAtMs",
      receiver.concurrency AS "originConcurrency", receiver.rate AS "originRate",
      receiver.rate_interval_ms AS "originRateIntervalMs", receiver.breaker::text,
      (extract(epoch FROM CASE receiver.breaker WHEN 'open' THEN receiver.open_until WHEN 'half_open' THEN receiver.probe_until END)
        * 1000)::float8 AS "openUntilMs",
      (extract(epoch FROM receiver.retry_at) * 1000)::float8 AS "retryAtMs",
      line.held_by_id::text AS "heldById", (extract(epoch FROM line.held_at) * 1000)::float8 AS "heldAtMs",
      first.id::text AS "firstId", first.state::text AS "firstState"
    FROM requeuest_request AS request
    LEFT JOIN requeuest_limit AS own ON own.kind = 'channel' AND own.name = request.channel
    LEFT JOIN requeuest_limit AS receiver ON receiver.kind = 'origin' AND receiver.name = request.origin
    LEFT JOIN requeuest_line AS line ON line.channel = request.channel AND line.order_key = request.order_key
    LEFT JOIN LATERAL (
      SELECT member.id, member.state FROM requeuest_request AS member
      WHERE member.channel = request.channel AND member.order_key = request.order_key
        AND member.order_key IS NOT NULL AND member.state IN ('pending', 'claimed') AND member.order_seq < request.order_seq
      ORDER BY member.order_seq LIMIT 1) AS first ON request.blocked
    WHERE request.id = ${id}::uuid`
}
