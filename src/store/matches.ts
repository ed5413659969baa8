import type { RequestState } from '../policy/request.ts'
import type { PrismaTransactionLike } from './db.ts'
import { plainList, textList } from './lists.ts'
import { type Fragment, fragment, joined } from './statement.ts'

/** From, and up to but not including, in milliseconds since 1970; null is open. */
export interface Span {
  from: number | null
  until: number | null
}

/** What requests are looked for by. Null asks for nothing. */
export interface MatchTerms {
  ids: readonly string[] | null
  channels: readonly string[] | null
  origins: readonly string[] | null
  states: readonly RequestState[]
  orderKeys: readonly string[] | null
  dedupeKeys: readonly string[] | null
  url: string | null
  urlStart: string | null
  urlPart: string | null
  failureCodes: readonly string[] | null
  createdAt: Span
  runAt: Span
  finishedAt: Span
  /** Of the last attempt that is recorded. */
  lastOutcomes: readonly string[] | null
  lastStatus: Span
  lastErrorCodes: readonly string[] | null
}

/** Whether the last attempt of each request has to be looked up. */
export function asksForLast({ lastOutcomes, lastStatus, lastErrorCodes }: MatchTerms): boolean {
  return lastOutcomes !== null || lastStatus.from !== null || lastStatus.until !== null || lastErrorCodes !== null
}

/** Whether only failed and cancelled requests are looked for: an index has these in the order of their ids. */
export function areFailed({ states }: MatchTerms): boolean {
  return states.every((state) => state === 'failed' || state === 'cancelled')
}

/** Names that index where it helps, by its conditions. Stands behind a condition. */
export function byIndexOf(terms: MatchTerms): Fragment {
  return areFailed(terms) ? fragment` AND state IN ('failed', 'cancelled') AND priority >= -32768` : fragment``
}

/** What the terms say of a row of `request`. Stands behind a condition. */
export function conditionsOf(terms: MatchTerms): Fragment {
  const { createdAt, runAt, finishedAt, lastOutcomes, lastStatus, lastErrorCodes } = terms
  const texts = (values: readonly string[] | null) => values && textList(values)
  return fragment`
      AND (${terms.ids && plainList(terms.ids)}::uuid[] IS NULL OR id = ANY(${terms.ids && plainList(terms.ids)}::uuid[]))
      AND (${texts(terms.channels)}::text[] IS NULL OR channel = ANY(${texts(terms.channels)}::text[]))
      AND (${texts(terms.origins)}::text[] IS NULL OR origin = ANY(${texts(terms.origins)}::text[]))
      AND state = ANY(${textList(terms.states)}::text::requeuest_request_state[])
      AND (${texts(terms.orderKeys)}::text[] IS NULL OR order_key = ANY(${texts(terms.orderKeys)}::text[]))
      AND (${texts(terms.dedupeKeys)}::text[] IS NULL OR dedupe_key = ANY(${texts(terms.dedupeKeys)}::text[]))
      AND (${texts(terms.failureCodes)}::text[] IS NULL OR failure_code = ANY(${texts(terms.failureCodes)}::text[]))
      AND (${terms.url}::text IS NULL OR url = ${terms.url})
      AND (${terms.urlStart}::text IS NULL OR starts_with(url, ${terms.urlStart}))
      AND (${terms.urlPart}::text IS NULL OR position(${terms.urlPart} IN url) > 0)
      AND (${createdAt.from}::float8 IS NULL OR created_at >= to_timestamp(${createdAt.from}::float8 / 1000))
      AND (${createdAt.until}::float8 IS NULL OR created_at < to_timestamp(${createdAt.until}::float8 / 1000))
      AND (${runAt.from}::float8 IS NULL OR run_at >= to_timestamp(${runAt.from}::float8 / 1000))
      AND (${runAt.until}::float8 IS NULL OR run_at < to_timestamp(${runAt.until}::float8 / 1000))
      AND (${finishedAt.from}::float8 IS NULL OR finished_at >= to_timestamp(${finishedAt.from}::float8 / 1000))
      AND (${finishedAt.until}::float8 IS NULL OR finished_at < to_timestamp(${finishedAt.until}::float8 / 1000))
      AND (NOT ${asksForLast(terms)}::boolean OR EXISTS (
        SELECT 1 FROM (
          SELECT outcome, status, error_code FROM requeuest_attempt
          WHERE request_id = request.id ORDER BY number DESC LIMIT 1) AS last
        WHERE (${lastStatus.from}::int IS NULL OR status >= ${lastStatus.from}::int)
          AND (${lastStatus.until}::int IS NULL OR status < ${lastStatus.until}::int)
          AND (${texts(lastOutcomes)}::text IS NULL
            OR outcome = ANY(${texts(lastOutcomes)}::text::requeuest_attempt_outcome[]))
          AND (${texts(lastErrorCodes)}::text[] IS NULL OR error_code = ANY(${texts(lastErrorCodes)}::text[]))))`
}

/** The ids of up to `limit` requests to which all of the terms apply, in the order of the ids, behind the given one. */
export function selectMatching(db: PrismaTransactionLike, terms: MatchTerms, behind: string | null, limit: number) {
  const { query, values } = joined(
    fragment`
    SELECT /* requeuest:selectMatching */ id::text FROM requeuest_request AS request
    WHERE id >= coalesce(${behind}::uuid, '00000000-0000-0000-0000-000000000000') AND id IS DISTINCT FROM ${behind}::uuid`,
    byIndexOf(terms),
    conditionsOf(terms),
    fragment`
    ORDER BY request.id LIMIT ${limit}`,
  )
  return db.$queryRaw<{ id: string }[]>(query, ...values)
}
