import type { BreakerPolicy } from '../policy/breaker.ts'
import type { PrismaTransactionLike } from './db.ts'
import { textList } from './lists.ts'

/*
 * Somebody may have a row locked for as long as a transaction of his is open. `set_config`, which is evaluated first, keeps
 * each statement from waiting for that.
 */

/**
 * Opens the breaker of an origin, unless it is open or another worker probes it.
 *
 * @param spread - a factor a little below 1, so that breakers that opened together do not let requests through together
 * @returns for how long it is open, if this opened it
 */
export function openBreaker(
  db: PrismaTransactionLike,
  origin: string,
  { openMs, maxOpenMs }: BreakerPolicy,
  workerId: string,
  spread: number,
) {
  return db.$queryRaw<{ openForMs: number }[]>`
    INSERT /* requeuest:openBreaker */ INTO requeuest_limit AS control (kind, name, breaker, open_until, open_count)
    SELECT 'origin', ${origin}, 'open', statement_timestamp() + least(${openMs}::float8, ${maxOpenMs}::float8) * ${spread}::float8
      * interval '1 millisecond', 1
    WHERE (SELECT set_config('lock_timeout', '100ms', true)) <> ''
    ON CONFLICT (kind, name) DO UPDATE SET
      breaker = 'open', open_count = control.open_count + 1, probed_by = NULL, probe_until = NULL,
      open_until = statement_timestamp() + least(${openMs}::float8 * power(2, least(control.open_count, 30)), ${maxOpenMs}::float8)
        * ${spread}::float8 * interval '1 millisecond'
    WHERE control.breaker = 'closed' OR (control.breaker = 'half_open' AND control.probed_by = ${workerId})
    RETURNING (extract(epoch FROM open_until - statement_timestamp()) * 1000)::float8 AS "openForMs"`
}

/** Closes the breaker of an origin. Returns a row if it was not closed. */
export function closeBreaker(db: PrismaTransactionLike, origin: string) {
  return db.$queryRaw<{ origin: string }[]>`
    UPDATE /* requeuest:closeBreaker */ requeuest_limit SET breaker = 'closed', open_until = NULL, open_count = 0, probed_by = NULL, probe_until = NULL
    WHERE kind = 'origin' AND name = ${origin} AND breaker <> 'closed'
      AND (SELECT set_config('lock_timeout', '100ms', true)) <> ''
    RETURNING name AS origin`
}

/**
 * Of these origins, those that the worker may now probe: nobody else may until `leaseMs` have passed. It may again what
 * it may already, in case it was not told. Those that somebody has locked are left out.
 */
export function takeProbes(db: PrismaTransactionLike, origins: readonly string[], workerId: string, leaseMs: number) {
  return db.$queryRaw<{ origin: string }[]>`
    UPDATE /* requeuest:takeProbes */ requeuest_limit SET
      breaker = 'half_open', probed_by = ${workerId},
      probe_until = statement_timestamp() + ${leaseMs}::int * interval '1 millisecond'
    WHERE kind = 'origin' AND name = ANY (ARRAY(
      SELECT name FROM requeuest_limit
      WHERE kind = 'origin' AND name = ANY (${textList(origins)}::text[])
        AND breaker <> 'closed'
        AND (coalesce(CASE breaker WHEN 'open' THEN open_until ELSE probe_until END <= statement_timestamp(), true)
          OR probed_by = ${workerId})
      FOR NO KEY UPDATE SKIP LOCKED))
    RETURNING name AS origin`
}

/** Notes that an origin asked not to be sent anything for so long, unless it asked for longer before. */
export function postponeOrigin(db: PrismaTransactionLike, origin: string, ms: number) {
  return db.$executeRaw`
    INSERT /* requeuest:postponeOrigin */ INTO requeuest_limit AS control (kind, name, retry_at)
    SELECT 'origin', ${origin}, statement_timestamp() + ${ms}::float8 * interval '1 millisecond'
    WHERE (SELECT set_config('lock_timeout', '100ms', true)) <> ''
    ON CONFLICT (kind, name) DO UPDATE SET retry_at = greatest(control.retry_at, excluded.retry_at)`
}

/**
 * Deletes up to `limit` rows that say nothing any more: not paused, not limited, and what they were left alone for is over. An
 * open breaker counts as over when nobody had anything to probe it with for so long.
 */
export function deleteOldOrigins(db: PrismaTransactionLike, limit: number) {
  return db.$executeRaw`
    DELETE /* requeuest:deleteOldOrigins */ FROM requeuest_limit WHERE kind = 'origin' AND name = ANY (ARRAY(
      SELECT name FROM requeuest_limit
      WHERE kind = 'origin' AND paused_at IS NULL AND concurrency IS NULL AND rate IS NULL
        AND (retry_at IS NULL OR retry_at < statement_timestamp())
        AND (breaker = 'closed' OR greatest(open_until, probe_until) < statement_timestamp() - interval '10 minutes')
      LIMIT ${limit}::int FOR UPDATE SKIP LOCKED))`
}

/** A row if nothing is to be sent to the origin for now. */
export function findKeptBack(db: PrismaTransactionLike, origin: string) {
  return db.$queryRaw<{ origin: string }[]>`
    SELECT /* requeuest:findKeptBack */ name AS origin FROM requeuest_limit
    WHERE kind = 'origin' AND name = ${origin} AND (paused_at IS NOT NULL OR breaker <> 'closed' OR retry_at > statement_timestamp())`
}
