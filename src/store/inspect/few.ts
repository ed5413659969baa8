import type { RequestState } from '../../policy/request.ts'
import type { PrismaTransactionLike } from '../db.ts'
import { plainList, textList } from '../lists.ts'
import { conditionsOf, type MatchTerms } from '../matches.ts'
import { type Fragment, fragment, joined } from '../statement.ts'

export interface FewMatches {
  /** Whether there are few candidates: otherwise nothing was looked at. */
  isFew: boolean
  count: number
  /** The first of them, the latest first. */
  ids: string[] | null
}

/**
 * Looks for matches among all requests that are in the given states, if an index finds up to `few` of them: those that failed in
 * the last hour are found at once, however many requests there are beside them.
 *
 * @param before - only requests with ids below this
 */
export function matchFew(
  db: PrismaTransactionLike,
  terms: MatchTerms,
  before: string | null,
  few: number,
  listed: number,
) {
  const { query, values } = joined(
    fragment`
    WITH /* requeuest:matchFew */ candidate AS MATERIALIZED (
      SELECT id FROM requeuest_request WHERE false`,
    ...candidatesOf(terms, few + 1),
    fragment`
    ), matching AS (
      SELECT id FROM requeuest_request AS request
      WHERE (SELECT count(*) FROM candidate) <= ${few}::int AND id = ANY (ARRAY(SELECT id FROM candidate))
        AND id <= coalesce(${before}::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') AND id IS DISTINCT FROM ${before}::uuid`,
    conditionsOf(terms),
    fragment`
    )
    SELECT (SELECT count(*) FROM candidate) <= ${few}::int AS "isFew", count(*)::int AS count,
      (array_agg(id::text ORDER BY id DESC))[1:${listed}::int] AS ids
    FROM matching`,
  )
  return db.$queryRaw<FewMatches[]>(query, ...values)
}

/** The requests that come into question, by the index that finds them; up to `most` of each kind. */
function candidatesOf(terms: MatchTerms, most: number): Fragment[] {
  const { ids, channels, states } = terms
  if (ids !== null) return [fragment` UNION ALL SELECT * FROM unnest(${plainList(ids.slice(0, most))}::uuid[])`]
  const final = states.filter((state) => state !== 'pending' && state !== 'claimed')
  return [
    ...(states.includes('claimed') ? [claimed(most)] : []),
    ...(states.includes('pending')
      ? channels === null
        ? [ready(most), ordered(most)]
        : ofChannels(channels, most)
      : []),
    ...(final.length > 0 ? [finished(final, terms, most)] : []),
  ]
}

const claimed = (most: number) => fragment`
      UNION ALL (SELECT id FROM requeuest_request WHERE state = 'claimed' ORDER BY lease_until LIMIT ${most}::int)`

const ready = (most: number) => fragment`
      UNION ALL (
        SELECT id FROM requeuest_request WHERE state = 'pending' AND NOT blocked AND priority >= -32768
        ORDER BY channel, priority, run_at, id LIMIT ${most}::int)`

/** Those of lines may be blocked, and are then in no index but this. */
const ordered = (most: number) => fragment`
      UNION ALL (
        SELECT id FROM requeuest_request WHERE order_key IS NOT NULL AND state IN ('pending', 'claimed')
        ORDER BY channel, order_key, order_seq LIMIT ${most}::int)`

const ofChannels = (channels: readonly string[], most: number) => [
  fragment`
      UNION ALL (
        SELECT found.id FROM unnest(${textList(channels)}::text[]) AS wanted (channel) CROSS JOIN LATERAL (
          SELECT id FROM requeuest_request
          WHERE channel = wanted.channel AND state = 'pending' AND NOT blocked AND priority >= -32768
          ORDER BY priority, run_at, id LIMIT ${most}::int) AS found
        LIMIT ${most}::int)`,
  fragment`
      UNION ALL (
        SELECT found.id FROM unnest(${textList(channels)}::text[]) AS wanted (channel) CROSS JOIN LATERAL (
          SELECT id FROM requeuest_request
          WHERE channel = wanted.channel AND order_key IS NOT NULL AND state IN ('pending', 'claimed')
          ORDER BY order_key, order_seq LIMIT ${most}::int) AS found
        LIMIT ${most}::int)`,
]

const finished = (states: readonly RequestState[], { finishedAt }: MatchTerms, most: number) => fragment`
      UNION ALL (
        SELECT found.id FROM unnest(${textList(states)}::text::requeuest_request_state[]) AS final (state)
        CROSS JOIN (VALUES (true), (false)) AS bodies (pruned)
        CROSS JOIN LATERAL (
          SELECT id FROM requeuest_request
          WHERE state = final.state AND bodies_pruned = bodies.pruned AND finished_at IS NOT NULL
            AND finished_at >= coalesce(to_timestamp(${finishedAt.from}::float8 / 1000), '-infinity')
            AND finished_at < coalesce(to_timestamp(${finishedAt.until}::float8 / 1000), 'infinity')
          ORDER BY finished_at DESC LIMIT ${most}::int) AS found
        LIMIT ${most}::int)`
