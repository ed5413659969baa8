import { MAX_INT } from '../check/bounds.ts'
import type { StoredContent } from '../message/message.ts'
import type { Delivery } from '../policy/attempt.ts'
import { clamp } from '../runtime/clamp.ts'
import { distinct } from '../runtime/distinct.ts'
import type { PrismaTransactionLike } from './db.ts'
import { joinBytes, jsonList, plainList, textList } from './lists.ts'
import type { StoredSettlement } from './settlements.ts'

/** Whether {@link settleAccepted} can write it. */
export function isPlainlyAccepted({ decision, delivery, content }: StoredSettlement): boolean {
  return (
    decision.state === 'delivered' &&
    decision.outcome === 'accepted' &&
    delivery.errorCode === null &&
    delivery.errorMessage === null &&
    delivery.rendered === undefined &&
    delivery.bodySize === (content.body?.length ?? 0) &&
    !delivery.bodyTruncated &&
    content.encryptionKey === null
  )
}

/**
 * As {@link settleClaims}, for attempts of which nothing is to be said but that they were accepted. Written are those whose claims
 * hold; all others are for {@link settleClaims} to judge.
 *
 * What is to be updated is given as an array of places in the table, which are read one by one whatever number the planner
 * expects; a join may read the whole table. A row that has moved since the statement began is locked but not found there.
 *
 * @returns those that are not settled
 */
export function settleAccepted(db: PrismaTransactionLike, settlements: readonly StoredSettlement[]) {
  const column = <T>(value: (settlement: StoredSettlement) => T) => settlements.map(value)
  const bodies = joinBytes(column((s) => s.content.body))
  const heads = distinct(column(acceptedHeadOf), ['headers', 'remoteAddress', 'workerId', 'status'])
  const head = <T>(value: (head: AcceptedHead) => T) => heads.values.map(value)
  return db.$queryRaw<{ id: string }[]>`
    WITH /* requeuest:settleAccepted */ found AS MATERIALIZED (
      SELECT result.*, CASE WHEN request.state = 'claimed' AND request.attempt_count = result.number THEN request.place END AS place
      FROM unnest(
        (SELECT ${plainList(column((s) => s.claim.id))}::uuid[]),
        (SELECT ${plainList(column((s) => s.claim.number))}::int[]),
        (SELECT ${plainList(column((s) => s.claim.claimedAtMs))}::float8[]),
        (SELECT ${plainList(column((s) => clamp(s.delivery.durationMs, 0, MAX_INT)))}::int[]),
        (SELECT ${plainList(heads.numbers)}::int[]),
        (SELECT ${bodies.starts}::int[]),
        (SELECT ${bodies.lengths}::int[])
      ) AS result (id, number, started_at_ms, duration_ms, head_number, body_start, body_length)
      LEFT JOIN LATERAL (
        SELECT ctid AS place, state, attempt_count FROM requeuest_request
        WHERE id = result.id FOR NO KEY UPDATE SKIP LOCKED) AS request ON true
    ), settled AS (
      UPDATE requeuest_request AS request SET
        state = 'delivered', failure_code = NULL, finished_at = statement_timestamp(),
        handler_due_at = CASE
          WHEN request.channel = ANY (ARRAY(SELECT channel FROM requeuest_handler)) THEN statement_timestamp() END,
        lease_expiries = 0, lease_until = NULL, claimed_by = NULL, claimed_at = NULL
      WHERE request.ctid = ANY (ARRAY(SELECT place FROM found))
      RETURNING request.id
    ), recorded AS (
      INSERT INTO requeuest_attempt AS attempt (
        request_id, number, outcome, started_at, duration_ms, worker_id, status, headers, body, body_truncated, body_size,
        remote_address)
      SELECT found.id, number, 'accepted', to_timestamp(started_at_ms / 1000), duration_ms,
        ((SELECT ${textList(head((h) => h.workerId))}::text[]))[head_number],
        ((SELECT ${plainList(head((h) => h.status))}::smallint[]))[head_number],
        ((SELECT string_to_array(${jsonList(head((h) => h.headers))}, chr(30), '')::jsonb[]))[head_number],
        substring(${bodies.bytes}::bytea FROM body_start FOR body_length), false, coalesce(body_length, 0),
        ((SELECT ${textList(head((h) => h.remoteAddress))}::text[]))[head_number]
      FROM found JOIN settled ON settled.id = found.id
      ON CONFLICT (request_id, number) DO UPDATE SET
        outcome = excluded.outcome, duration_ms = excluded.duration_ms, status = excluded.status,
        headers = excluded.headers, body = excluded.body, encryption_key = NULL, body_truncated = false,
        body_size = excluded.body_size, error_code = NULL, error_message = NULL, remote_address = excluded.remote_address,
        rendered = NULL
      WHERE attempt.outcome = 'abandoned'
    )
    SELECT found.id::text FROM found LEFT JOIN settled ON settled.id = found.id WHERE settled.id IS NULL`
}

/** What the responses of one receiver have in common. */
interface AcceptedHead extends Pick<StoredContent, 'headers'>, Pick<Delivery, 'remoteAddress' | 'status'> {
  workerId: string
}

function acceptedHeadOf({ content, delivery, workerId }: StoredSettlement): AcceptedHead {
  return { headers: content.headers, remoteAddress: delivery.remoteAddress, workerId, status: delivery.status }
}
