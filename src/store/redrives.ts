import type { RequestState } from '../policy/request.ts'
import type { PrismaTransactionLike } from './db.ts'
import { plainList, textList } from './lists.ts'

/** What a request is given that shall be sent again; null is what it was given before. */
export interface RedriveTerms {
  maxAttempts: number | null
  expiresAfterMs: number | null
}

/**
 * Makes those of the given requests due again that are in one of these states, that no worker is still sending and that have their bodies. They go
 * one by one in the order of their lines and places: so two redrives take the lines' locks in the same order, and those of
 * one line stay in order.
 */
export function redriveRequests(
  db: PrismaTransactionLike,
  ids: readonly string[],
  states: readonly RequestState[],
  { maxAttempts, expiresAfterMs }: RedriveTerms,
) {
  return db.$queryRaw<{ id: string; channel: string }[]>`
    WITH /* requeuest:redriveRequests */ found AS MATERIALIZED (
      SELECT id, channel FROM requeuest_request
      WHERE id = ANY(${plainList(ids)}::uuid[]) AND state = ANY(${textList(states)}::text::requeuest_request_state[])
        AND (lease_until IS NULL OR lease_until <= statement_timestamp()) AND NOT bodies_pruned
      ORDER BY order_key, channel, order_seq, id FOR NO KEY UPDATE)
    SELECT found.id::text, found.channel
    FROM found CROSS JOIN LATERAL requeuest_redrive(found.id, ${maxAttempts}::int, ${expiresAfterMs}::float8)`
}
