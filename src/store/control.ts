import { LARGEST_COLUMN_BYTES, LARGEST_STORED_BYTES } from '../message/largest.ts'
import type { StoredContent } from '../message/message.ts'
import type { RequestState } from '../policy/request.ts'
import type { PrismaTransactionLike } from './db.ts'
import { plainList, textList } from './lists.ts'

export interface CancelledRow {
  id: string
  channel: string
  /** A worker may be sending it. */
  inFlight: boolean
}

/**
 * Cancels those of the given requests that are in one of these states, waiting for whoever has them locked. The attempt of one
 * that is claimed gets its row at once, since nobody rescues what is cancelled; what the worker reports replaces it. Its
 * lease stays, so that a line waits for the worker.
 */
export function cancelRequests(db: PrismaTransactionLike, ids: readonly string[], states: readonly RequestState[]) {
  return db.$queryRaw<CancelledRow[]>`
    WITH /* requeuest:cancelRequests */ cancelled AS (
      UPDATE requeuest_request AS request SET
        state = 'cancelled', finished_at = statement_timestamp(),
        handler_due_at = (SELECT statement_timestamp() FROM requeuest_handler WHERE channel = request.channel)
      WHERE id = ANY (ARRAY(
        SELECT id FROM requeuest_request
        WHERE id = ANY(${plainList(ids)}::uuid[]) AND state = ANY(${textList(states)}::text::requeuest_request_state[])
        ORDER BY id FOR NO KEY UPDATE))
      RETURNING id, channel, attempt_count, claimed_by, claimed_at,
        claimed_by IS NOT NULL AND claimed_at IS NOT NULL AS in_flight
    ), recorded AS (
      INSERT INTO requeuest_attempt (
        request_id, number, outcome, started_at, duration_ms, worker_id, error_code, error_message)
      SELECT id, attempt_count, 'abandoned', claimed_at,
        least(greatest(extract(epoch FROM statement_timestamp()) - extract(epoch FROM claimed_at), 0) * 1000, 2147483647)::int, claimed_by, 'cancelled',
        'The request was cancelled while a worker had it. It may have been sent.'
      FROM cancelled WHERE in_flight
      ON CONFLICT (request_id, number) DO NOTHING
    )
    SELECT id::text, channel, in_flight AS "inFlight" FROM cancelled`
}

export interface ChangedRow {
  channel: string
  /** As it was found. */
  state: RequestState
  changed: boolean
}

/** Makes a request that is pending due at another time. */
export function rescheduleRequest(db: PrismaTransactionLike, id: string, runAtMs: number) {
  return db.$queryRaw<ChangedRow[]>`
    WITH /* requeuest:rescheduleRequest */ found AS MATERIALIZED (
      SELECT id, channel, state FROM requeuest_request WHERE id = ${id}::uuid FOR NO KEY UPDATE
    ), changed AS (
      UPDATE requeuest_request AS request SET run_at = to_timestamp(${runAtMs}::float8 / 1000)
      FROM found WHERE request.id = found.id AND found.state = 'pending'
      RETURNING request.id
    )
    SELECT channel, state::text, EXISTS (SELECT 1 FROM changed) AS changed FROM found`
}

/** A request's headers and body, as they are stored, unless they are too large to be sent. */
export function selectContent(db: PrismaTransactionLike, id: string) {
  return db.$queryRaw<StoredContent[]>`
    SELECT /* requeuest:selectContent */ headers, body, encryption_key AS "encryptionKey" FROM requeuest_request
    WHERE id = ${id}::uuid AND coalesce(octet_length(body), 0) <= ${LARGEST_STORED_BYTES}::int
      AND pg_column_size(headers) <= ${LARGEST_COLUMN_BYTES}::int`
}

/**
 * Sends a request elsewhere from its next attempt on, unless it is delivered, with other content if any is given: then
 * only if it still has the content that was read before. Without a row, it has not, or there is no such request.
 */
export function retargetRequest(
  db: PrismaTransactionLike,
  id: string,
  url: string | null,
  content: { before: StoredContent; after: StoredContent } | null,
) {
  const before = content?.before
  const after = content?.after ?? { headers: null, body: null, encryptionKey: null }
  return db.$queryRaw<(ChangedRow & { isToBeRendered: boolean })[]>`
    WITH /* requeuest:retargetRequest */ found AS MATERIALIZED (
      SELECT id, channel, state, url LIKE 'render://%' AS "isToBeRendered" FROM requeuest_request
      WHERE id = ${id}::uuid
        AND (${content === null}::boolean OR (
          headers = ${JSON.stringify(before?.headers ?? null)}::text::jsonb
          AND body IS NOT DISTINCT FROM ${before?.body ?? null}::bytea
          AND encryption_key IS NOT DISTINCT FROM ${before?.encryptionKey ?? null}::text))
      FOR NO KEY UPDATE
    ), changed AS (
      UPDATE requeuest_request AS request SET
        url = coalesce(${url}::text, request.url),
        headers = CASE WHEN ${content === null}::boolean THEN request.headers
          ELSE ${JSON.stringify(after.headers)}::text::jsonb END,
        body = CASE WHEN ${content === null}::boolean THEN request.body
          ELSE ${after.body}::bytea END,
        encryption_key = CASE WHEN ${content === null}::boolean THEN request.encryption_key
          ELSE ${after.encryptionKey}::text END
      FROM found WHERE request.id = found.id AND found.state <> 'delivered' AND NOT found."isToBeRendered"
      RETURNING request.id
    )
    SELECT channel, state::text, "isToBeRendered", EXISTS (SELECT 1 FROM changed) AS changed FROM found`
}
