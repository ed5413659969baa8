import type { ScopeKind } from '../../policy/scope.ts'
import type { PrismaTransactionLike } from '../db.ts'
import { fragment, joined } from '../statement.ts'

export interface ActivitySeriesRow {
  /** Where the first span begins, and the present. */
  fromMs: number
  untilMs: number
  /** Null if nothing was counted. */
  name: string | null
  /**
   * Its spans in the order of time, separated by commas: when each begins, in minutes since 1970, attempts, accepted, delivered, failed, total
   * milliseconds and the classes of durations, separated by spaces. As values of their own they would take the client longer to
   * read than all the rest.
   */
  points: string | null
}

/**
 * What was counted by channel or by origin, in spans of the given length that begin no earlier than the one which began `withinMs` ago:
 * of up to `limit` names, those first that had most attempts.
 *
 * @param name - only of this one
 */
export function listActivity(
  db: PrismaTransactionLike,
  kind: ScopeKind,
  minutes: number,
  withinMs: number,
  name: string | undefined,
  limit: number,
) {
  const { query, values } = joined(
    fragment`
    WITH /* requeuest:listActivity */ chart AS MATERIALIZED (
      SELECT to_timestamp(floor((extract(epoch FROM statement_timestamp()) - ${withinMs}::float8 / 1000) / 60 / ${minutes}::int)::float8
        * 60 * ${minutes}::int) AS starts_at
    ), point AS MATERIALIZED (
      SELECT name, at, attempts, accepted, delivered, failed, total_ms, latency FROM requeuest_activity
      WHERE kind = ${kind}::requeuest_limit_kind AND minutes = ${minutes}::smallint AND at >= (SELECT starts_at FROM chart)`,
    ...(name === undefined ? [] : [fragment` AND name = ${name}`]),
    fragment`
    ), series AS (
      SELECT name, sum(attempts) AS attempts, string_agg(
        concat_ws(' ', (extract(epoch FROM at) / 60)::int, attempts, accepted, delivered, failed, total_ms, array_to_string(latency, ' ')),
        ',' ORDER BY at) AS points
      FROM point GROUP BY name ORDER BY sum(attempts) DESC, name LIMIT ${limit}::int)
    SELECT (extract(epoch FROM starts_at) * 1000)::float8 AS "fromMs",
      (extract(epoch FROM statement_timestamp()) * 1000)::float8 AS "untilMs", name, points
    FROM chart LEFT JOIN series ON true ORDER BY attempts DESC, name`,
  )
  return db.$queryRaw<ActivitySeriesRow[]>(query, ...values)
}
