import type { AttemptOutcome } from '../../policy/attempt.ts'
import type { FailureCode } from '../../policy/outcome.ts'
import type { RequestState } from '../../policy/request.ts'
import type { PrismaTransactionLike } from '../db.ts'
import { plainList } from '../lists.ts'
import { byIndexOf, conditionsOf, type MatchTerms } from '../matches.ts'
import { fragment, joined } from '../statement.ts'

export interface RecentMatches {
  /** How many match, up to the limit. */
  count: number
  /** The first of them, the latest first. */
  ids: string[] | null
  /** The last request that was looked at, where more are left: null at the end of the table. */
  readTo: string | null
}

/**
 * Looks for matches among the `window` requests before the given one (where what failed is looked for: among as many of those), in the order of the ids from the last one on, and stops at
 * `limit` matches: the cost does not depend on how many requests there are, nor on how few match.
 */
export function matchRecent(
  db: PrismaTransactionLike,
  terms: MatchTerms,
  before: string | null,
  window: number,
  limit: number,
  listed: number,
) {
  const { query, values } = joined(
    fragment`
    SELECT /* requeuest:matchRecent */ count(*)::int AS count, (array_agg(id::text ORDER BY id DESC))[1:${listed}::int] AS ids,
      CASE WHEN count(*) < ${limit}::int THEN (
        SELECT request.id::text FROM requeuest_request AS request
        WHERE id <= coalesce(${before}::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') AND id IS DISTINCT FROM ${before}::uuid`,
    byIndexOf(terms),
    fragment`
        ORDER BY request.id DESC OFFSET ${window}::int - 1 LIMIT 1) END AS "readTo"
    FROM (
      SELECT id FROM (
        SELECT * FROM requeuest_request
        WHERE id <= coalesce(${before}::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') AND id IS DISTINCT FROM ${before}::uuid`,
    byIndexOf(terms),
    fragment`
        ORDER BY id DESC LIMIT ${window}::int) AS request
      WHERE true`,
    conditionsOf(terms),
    fragment`
      ORDER BY id DESC LIMIT ${limit}::int) AS matching`,
  )
  return db.$queryRaw<RecentMatches[]>(query, ...values)
}

/** How many requests match, by those on `pages` pages that are chosen at random: the same ones again, so that the number does not jump. */
export function sampleMatching(db: PrismaTransactionLike, terms: MatchTerms, pages: number) {
  const { query, values } = joined(
    fragment`
    WITH /* requeuest:sampleMatching */ size AS MATERIALIZED (
      SELECT least(100, 100.0 * ${pages}::int * current_setting('block_size')::int / greatest(pg_relation_size(tableoid), 1)) AS percent
      FROM requeuest_request ORDER BY id DESC LIMIT 1)
    SELECT round(count(*) * 100 / max(percent))::float8 AS count
    FROM size CROSS JOIN LATERAL (
      SELECT FROM requeuest_request AS request TABLESAMPLE SYSTEM (size.percent) REPEATABLE (1)
      WHERE true`,
    conditionsOf(terms),
    fragment`) AS matching`,
  )
  return db.$queryRaw<{ count: number | null }[]>(query, ...values)
}

export interface ListedRow {
  id: string
  channel: string
  state: RequestState
  priority: number
  orderKey: string | null
  blocked: boolean
  method: string
  url: string
  origin: string
  attemptCount: number
  failureCode: FailureCode | null
  workerId: string | null
  runAtMs: number
  createdAtMs: number
  finishedAtMs: number | null
  last: {
    number: number
    outcome: AttemptOutcome
    status: number | null
    errorCode: string | null
    startedAtMs: number | string
    durationMs: number
  } | null
}

/** What a list shows of these requests, in the order of their ids from the last one on. */
export function listRequests(db: PrismaTransactionLike, ids: readonly string[]) {
  return db.$queryRaw<ListedRow[]>`
    SELECT /* requeuest:listRequests */ id::text, channel, state::text, priority, order_key AS "orderKey", blocked,
      left(method, 1000) AS method, left(url, 10000) AS url, left(origin, 1000) AS origin, attempt_count AS "attemptCount",
      failure_code AS "failureCode", CASE state WHEN 'claimed' THEN claimed_by END AS "workerId",
      (extract(epoch FROM run_at) * 1000)::float8 AS "runAtMs",
      (extract(epoch FROM created_at) * 1000)::float8 AS "createdAtMs",
      (extract(epoch FROM finished_at) * 1000)::float8 AS "finishedAtMs",
      (SELECT json_build_object(
          'number', number, 'outcome', outcome, 'status', status, 'errorCode', error_code,
          'startedAtMs', (extract(epoch FROM started_at) * 1000)::float8, 'durationMs', duration_ms)
        FROM requeuest_attempt WHERE request_id = request.id ORDER BY number DESC LIMIT 1) AS last
    FROM requeuest_request AS request WHERE id = ANY (${plainList(ids)}::uuid[]) ORDER BY request.id DESC`
}
