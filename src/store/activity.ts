import { type ActivityRow, LONGEST_SPAN } from '../policy/activity.ts'
import type { ScopeKind } from '../policy/scope.ts'
import type { PrismaTransactionLike } from './db.ts'
import { plainList, textList } from './lists.ts'

/** That a channel or an origin has a row in the longest span that begins in this minute. */
export interface ActivityName {
  kind: ScopeKind
  name: string
  minute: number
}

/** All that have rows in the longest spans: from the one that begins in the given minute on, or in the present one. Beside each, the time. */
export function listActivityNames(db: PrismaTransactionLike, fromMinute: number | null) {
  return db.$queryRaw<(ActivityName & { nowMs: number })[]>`
    WITH /* requeuest:listActivityNames */ known AS (
      SELECT kind::text, name, (extract(epoch FROM at) / 60)::int AS minute FROM requeuest_activity
      WHERE kind IN ('channel', 'origin') AND minutes = ${LONGEST_SPAN}::smallint
        AND at > least(
          to_timestamp(${fromMinute}::float8 * 60) - interval '1 minute',
          statement_timestamp() - ${LONGEST_SPAN}::int * interval '1 minute'))
    SELECT coalesce(kind, 'channel') AS kind, coalesce(name, '') AS name, coalesce(minute, 0) AS minute,
      (extract(epoch FROM statement_timestamp()) * 1000)::float8 AS "nowMs"
    FROM (VALUES (true)) AS always (answers) LEFT JOIN known ON answers`
}

/** Adds to what is counted. All do so in the same order, so that two wait for each other, but never both. */
export function addActivity(db: PrismaTransactionLike, rows: readonly ActivityRow[]) {
  const column = <T>(value: (row: ActivityRow) => T) => rows.map(value)
  return db.$executeRaw`
    INSERT /* requeuest:addActivity */ INTO requeuest_activity AS activity (
      kind, minutes, at, name, attempts, accepted, delivered, failed, total_ms, latency)
    SELECT kind, minutes, to_timestamp(minute * 60), name, attempts, accepted, delivered, failed, total_ms,
      string_to_array(latency, '/')::int[]
    FROM unnest(
      (SELECT ${textList(column(({ kind }) => kind))}::requeuest_limit_kind[]),
      (SELECT ${plainList(column(({ minutes }) => minutes))}::smallint[]),
      (SELECT ${plainList(column(({ minute }) => minute))}::float8[]),
      (SELECT ${textList(column(({ name }) => name))}::text[]),
      (SELECT ${plainList(column(({ attempts }) => attempts))}::int[]),
      (SELECT ${plainList(column(({ accepted }) => accepted))}::int[]),
      (SELECT ${plainList(column(({ delivered }) => delivered))}::int[]),
      (SELECT ${plainList(column(({ failed }) => failed))}::int[]),
      (SELECT ${plainList(column(({ totalMs }) => Math.round(totalMs)))}::bigint[]),
      (SELECT ${textList(column(({ latency }) => latency.join('/')))}::text[])
    ) AS counted (kind, minutes, minute, name, attempts, accepted, delivered, failed, total_ms, latency)
    ORDER BY kind, minutes, minute, name
    ON CONFLICT (kind, minutes, at, name) DO UPDATE SET
      attempts = activity.attempts + excluded.attempts,
      accepted = activity.accepted + excluded.accepted,
      delivered = activity.delivered + excluded.delivered,
      failed = activity.failed + excluded.failed,
      total_ms = activity.total_ms + excluded.total_ms,
      latency = ARRAY(
        SELECT coalesce(before, 0) + coalesce(added, 0)
        FROM unnest(activity.latency, excluded.latency) WITH ORDINALITY AS class (before, added, index)
        ORDER BY index)`
}

/** Deletes up to `limit` rows of each kind and span that lie further back than any chart reaches. */
export function deleteOldActivity(db: PrismaTransactionLike, spans: number, limit: number) {
  return db.$executeRaw`
    DELETE /* requeuest:deleteOldActivity */ FROM requeuest_activity AS activity USING (
      SELECT old.* FROM unnest('{channel,origin}'::requeuest_limit_kind[]) AS counted (kind)
      CROSS JOIN unnest('{1,10,30}'::smallint[]) AS span (minutes)
      CROSS JOIN LATERAL (
        SELECT kind, minutes, at, name FROM requeuest_activity
        WHERE kind = counted.kind AND minutes = span.minutes
          AND at < statement_timestamp() - span.minutes * ${spans}::int * interval '1 minute'
        ORDER BY at LIMIT ${limit}::int FOR UPDATE SKIP LOCKED) AS old) AS old
    WHERE activity.kind = old.kind AND activity.minutes = old.minutes AND activity.at = old.at AND activity.name = old.name`
}
