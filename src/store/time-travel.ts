import type { PrismaTransactionLike } from './db.ts'
import { textList } from './lists.ts'

/*
 * For tests: the database's clock cannot be set, so all that is written down moves into the past instead. Only what a cron
 * expression says stays where it is, see `testing/calendar.ts`.
 */

/** Moves all times of requests back: of these channels, or of all when null. */
export function shiftRequests(db: PrismaTransactionLike, channels: readonly string[] | null, ms: number) {
  const list = channels && textList(channels)
  return db.$executeRaw`
    WITH /* requeuest:shiftRequests */ shift AS (SELECT ${ms}::float8 * interval '1 millisecond' AS by)
    UPDATE requeuest_request SET
      run_at = run_at - shift.by, expires_at = expires_at - shift.by, dedupe_until = dedupe_until - shift.by,
      claimed_at = claimed_at - shift.by, lease_until = lease_until - shift.by, created_at = created_at - shift.by,
      finished_at = finished_at - shift.by, handler_due_at = handler_due_at - shift.by
    FROM shift WHERE ${list}::text[] IS NULL OR channel = ANY (${list}::text[])`
}

/** Moves all times of attempts back: of requests of these channels, or of all when null. */
export function shiftAttempts(db: PrismaTransactionLike, channels: readonly string[] | null, ms: number) {
  const list = channels && textList(channels)
  return db.$executeRaw`
    WITH /* requeuest:shiftAttempts */ shift AS (SELECT ${ms}::float8 * interval '1 millisecond' AS by)
    UPDATE requeuest_attempt AS attempt SET
      started_at = started_at - shift.by, next_run_at = next_run_at - shift.by
    FROM shift, requeuest_request AS request
    WHERE request.id = attempt.request_id AND (${list}::text[] IS NULL OR channel = ANY (${list}::text[]))`
}

/** Moves all times of lines back: of these channels, or of all when null. */
export function shiftLines(db: PrismaTransactionLike, channels: readonly string[] | null, ms: number) {
  const list = channels && textList(channels)
  return db.$executeRaw`
    WITH /* requeuest:shiftLines */ shift AS (SELECT ${ms}::float8 * interval '1 millisecond' AS by)
    UPDATE requeuest_line SET held_at = held_at - shift.by, created_at = created_at - shift.by
    FROM shift WHERE ${list}::text[] IS NULL OR channel = ANY (${list}::text[])`
}

/** Moves pauses, rates, breakers and `Retry-After` back: of these channels and the origins of their requests, or of all when null. */
export function shiftLimits(db: PrismaTransactionLike, channels: readonly string[] | null, ms: number) {
  const list = channels && textList(channels)
  return db.$executeRaw`
    WITH /* requeuest:shiftLimits */ shift AS (SELECT ${ms}::float8 * interval '1 millisecond' AS by)
    UPDATE requeuest_limit SET
      paused_at = paused_at - shift.by, next_permit_at = next_permit_at - shift.by, retry_at = retry_at - shift.by,
      open_until = open_until - shift.by, probe_until = probe_until - shift.by
    FROM shift WHERE ${list}::text[] IS NULL OR CASE kind WHEN 'channel' THEN name = ANY (${list}::text[])
      ELSE name IN (SELECT origin FROM requeuest_request WHERE channel = ANY (${list}::text[])) END`
}

/** As {@link shiftLimits}, for the leases of limits on concurrency. */
export function shiftSemaphoreLeases(db: PrismaTransactionLike, channels: readonly string[] | null, ms: number) {
  const list = channels && textList(channels)
  return db.$executeRaw`
    UPDATE /* requeuest:shiftSemaphoreLeases */ requeuest_semaphore_lease SET
      lease_until = lease_until - ${ms}::float8 * interval '1 millisecond'
    WHERE ${list}::text[] IS NULL OR CASE kind WHEN 'channel' THEN name = ANY (${list}::text[])
      ELSE name IN (SELECT origin FROM requeuest_request WHERE channel = ANY (${list}::text[])) END`
}

/** Moves the due times of what a schedule has spawned for this time and later ones back. */
export function shiftSpawned(db: PrismaTransactionLike, schedule: string, fromMs: number, ms: number) {
  return db.$executeRaw`
    UPDATE /* requeuest:shiftSpawned */ requeuest_request SET run_at = run_at - ${ms}::float8 * interval '1 millisecond'
    WHERE schedule = ${schedule} AND scheduled_for >= to_timestamp(${fromMs}::float8 / 1000)`
}

/** Makes all pending requests of a channel but one due a hundred years later. */
export function postponeOthers(db: PrismaTransactionLike, channel: string, id: string) {
  return db.$executeRaw`
    UPDATE /* requeuest:postponeOthers */ requeuest_request SET run_at = run_at + interval '100 years'
    WHERE channel = ${channel} AND id <> ${id}::uuid AND state = 'pending'`
}

/** Undoes what {@link postponeOthers} did. */
export function bringBackOthers(db: PrismaTransactionLike, channel: string, id: string) {
  return db.$executeRaw`
    UPDATE /* requeuest:bringBackOthers */ requeuest_request SET run_at = run_at - interval '100 years'
    WHERE channel = ${channel} AND id <> ${id}::uuid AND state = 'pending' AND run_at > statement_timestamp() + interval '50 years'`
}

/**
 * In how many milliseconds the first thing since then happens in these channels, or in all when null: a request becomes due or expires,
 * a lease ends, a handler is run again, an origin may be sent to again. Null when nothing does.
 */
export function findNextTime(db: PrismaTransactionLike, channels: readonly string[] | null, sinceMs: number) {
  const list = channels && textList(channels)
  return db.$queryRaw<{ inMs: number | null }[]>`
    WITH /* requeuest:findNextTime */ request AS (
      SELECT * FROM requeuest_request WHERE ${list}::text[] IS NULL OR channel = ANY (${list}::text[])
    ), moment (at) AS (
      SELECT unnest(ARRAY[CASE WHEN NOT blocked THEN run_at END, expires_at]) FROM request WHERE state = 'pending'
      UNION ALL SELECT lease_until FROM request WHERE state = 'claimed'
      UNION ALL SELECT handler_due_at FROM request
      UNION ALL SELECT unnest(ARRAY[retry_at, open_until, probe_until, CASE WHEN rate IS NOT NULL THEN next_permit_at END])
        FROM requeuest_limit
        WHERE name IN (SELECT unnest(ARRAY[channel, origin]) FROM request WHERE state = 'pending')
    )
    SELECT (extract(epoch FROM min(at) - statement_timestamp()) * 1000)::float8 AS "inMs"
    FROM moment WHERE at > to_timestamp(${sinceMs}::float8 / 1000) AND isfinite(at)`
}
