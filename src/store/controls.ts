import type { ScopeKind, ScopeLimits, ScopeName } from '../core/scope.ts'
import type { PrismaTransactionLike } from './db.ts'
import { textList } from './lists.ts'

/** A channel or an origin of which there is something to say. */
export interface Control {
  kind: ScopeKind
  name: string
  paused: boolean
  concurrency: number | null
  /** Milliseconds between two starts; null where there is no limit on the rate. */
  spacingMs: number | null
  /** Milliseconds until it has said that it may be sent to again; null when it has not. */
  retryInMs: number | null
  breaker: 'closed' | 'open' | 'half_open'
  /** Milliseconds until an open breaker lets a request through, or another worker may try. */
  openForMs: number | null
}

/**
 * What is paused, limited, or waits to recover.
 *
 * @param channels - which channels are of interest; null for all
 */
export function listControls(db: PrismaTransactionLike, channels: readonly string[] | null) {
  const wanted = channels && textList(channels)
  return db.$queryRaw<Control[]>`
    SELECT 'channel' AS kind, channel AS name, paused_at IS NOT NULL AS paused, concurrency,
      rate_interval_ms::float8 / rate AS "spacingMs", NULL::float8 AS "retryInMs", 'closed' AS breaker,
      NULL::float8 AS "openForMs"
    FROM requeuest_channel
    WHERE (paused_at IS NOT NULL OR concurrency IS NOT NULL OR rate IS NOT NULL)
      AND (${wanted}::text IS NULL OR channel = ANY (${wanted}::text[]))
    UNION ALL
    SELECT 'origin', origin, paused_at IS NOT NULL, concurrency, rate_interval_ms::float8 / rate,
      (extract(epoch FROM retry_at - statement_timestamp()) * 1000)::float8, breaker::text,
      (extract(epoch FROM CASE WHEN breaker = 'open' THEN open_until ELSE probe_until END - statement_timestamp())
        * 1000)::float8
    FROM requeuest_origin
    WHERE paused_at IS NOT NULL OR concurrency IS NOT NULL OR rate IS NOT NULL OR breaker <> 'closed'
      OR retry_at > statement_timestamp()`
}

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

/** What is left out stays as it is. */
export function setChannelLimits(db: PrismaTransactionLike, channel: string, limits: Partial<ScopeLimits>) {
  const { concurrency, rate, setsConcurrency, setsRate } = columnsOf(limits)
  return db.$executeRaw`
    INSERT INTO requeuest_channel AS control (channel, concurrency, rate, rate_interval_ms)
    VALUES (${channel}, ${concurrency}::int, ${rate?.limit ?? null}::int, ${rate?.intervalMs ?? 1000}::int)
    ON CONFLICT (channel) DO UPDATE SET
      concurrency = CASE WHEN ${setsConcurrency}::boolean THEN excluded.concurrency ELSE control.concurrency END,
      rate = CASE WHEN ${setsRate}::boolean THEN excluded.rate ELSE control.rate END,
      rate_interval_ms = CASE WHEN ${setsRate}::boolean THEN excluded.rate_interval_ms ELSE control.rate_interval_ms END`
}

/** As {@link setChannelLimits}. */
export function setOriginLimits(db: PrismaTransactionLike, origin: string, limits: Partial<ScopeLimits>) {
  const { concurrency, rate, setsConcurrency, setsRate } = columnsOf(limits)
  return db.$executeRaw`
    INSERT INTO requeuest_origin AS control (origin, concurrency, rate, rate_interval_ms)
    VALUES (${origin}, ${concurrency}::int, ${rate?.limit ?? null}::int, ${rate?.intervalMs ?? 1000}::int)
    ON CONFLICT (origin) DO UPDATE SET
      concurrency = CASE WHEN ${setsConcurrency}::boolean THEN excluded.concurrency ELSE control.concurrency END,
      rate = CASE WHEN ${setsRate}::boolean THEN excluded.rate ELSE control.rate END,
      rate_interval_ms = CASE WHEN ${setsRate}::boolean THEN excluded.rate_interval_ms ELSE control.rate_interval_ms END`
}

function columnsOf({ concurrency, rate }: Partial<ScopeLimits>) {
  return {
    concurrency: concurrency ?? null,
    rate: rate ?? null,
    setsConcurrency: concurrency !== undefined,
    setsRate: rate !== undefined,
  }
}

/** How many requests of a channel, or to an origin, workers hold: those that may be under way. */
export function countClaimed(db: PrismaTransactionLike, { kind, name }: ScopeName) {
  return db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM requeuest_request
    WHERE state = 'claimed' AND CASE WHEN ${kind}::text = 'channel' THEN channel ELSE origin END = ${name}`
}
