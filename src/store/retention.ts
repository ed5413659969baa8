import type { Retention } from '../policy/retention.ts'
import type { PrismaTransactionLike } from './db.ts'
import { plainList } from './lists.ts'

/**
 * Whether the present transaction may delete what is old: while one does, the others do nothing. So however many workers there
 * are, they cost the database no more than one.
 */
export function takeTurn(tx: PrismaTransactionLike, what: 'requests' | 'bodies') {
  return tx.$queryRaw<{ mine: boolean }[]>`
    SELECT /* requeuest:takeTurn */ pg_try_advisory_xact_lock(hashtext('requeuest_old_' || ${what}::text)) AS mine`
}

/**
 * Up to `limit` requests that have been final for longer than they are kept, but for those named. Left out are those that are
 * needed still: the one that holds its line, one behind which the next is yet to be unblocked, and one that is yet to be handled.
 */
export function findOldRequests(
  db: PrismaTransactionLike,
  { delivered, failed, cancelled }: Retention,
  limit: number,
  except: readonly string[],
) {
  return db.$queryRaw<{ id: string }[]>`
    SELECT /* requeuest:findOldRequests */ found.id::text
    FROM unnest(
      '{delivered,failed,cancelled}'::requeuest_request_state[], ${plainList([delivered, failed, cancelled])}::float8[]
    ) AS kept (state, ms)
    CROSS JOIN (VALUES (true), (false)) AS bodies (pruned)
    CROSS JOIN LATERAL (
      SELECT id FROM requeuest_request AS request
      WHERE state = kept.state AND bodies_pruned = bodies.pruned AND finished_at IS NOT NULL
        AND finished_at < statement_timestamp() - kept.ms * interval '1 millisecond'
        AND NOT unblock_due AND handler_due_at IS NULL AND id <> ALL (${plainList(except)}::uuid[])
        AND (order_key IS NULL OR (
          SELECT held_by_id FROM requeuest_line AS line
          WHERE line.channel = request.channel AND line.order_key = request.order_key) IS DISTINCT FROM id)
      ORDER BY finished_at LIMIT ${limit} FOR UPDATE SKIP LOCKED) AS found
    WHERE kept.ms IS NOT NULL
    LIMIT ${limit}`
}

/** Deletes those of these requests that are final, with their attempts. */
export function deleteRequests(db: PrismaTransactionLike, ids: readonly string[]) {
  return db.$executeRaw`
    DELETE /* requeuest:deleteRequests */ FROM requeuest_request
    WHERE id = ANY (${plainList(ids)}::uuid[]) AND state IN ('delivered', 'failed', 'cancelled')`
}

/**
 * Up to `limit` requests that have been final for longer than `ms` and still have their bodies, but for those named. Left out are
 * those yet to be handled, and those that a worker which lost its claim may still be sending: it would bring another body.
 */
export function findOldBodies(db: PrismaTransactionLike, ms: number, limit: number, except: readonly string[]) {
  return db.$queryRaw<{ id: string }[]>`
    SELECT /* requeuest:findOldBodies */ found.id::text
    FROM unnest('{delivered,failed,cancelled}'::requeuest_request_state[]) AS final (state)
    CROSS JOIN LATERAL (
      SELECT id FROM requeuest_request
      WHERE state = final.state AND NOT bodies_pruned AND finished_at IS NOT NULL
        AND finished_at < statement_timestamp() - ${ms}::float8 * interval '1 millisecond'
        AND handler_due_at IS NULL AND (lease_until IS NULL OR lease_until < statement_timestamp())
        AND id <> ALL (${plainList(except)}::uuid[])
      ORDER BY finished_at LIMIT ${limit} FOR NO KEY UPDATE SKIP LOCKED) AS found
    LIMIT ${limit}`
}

/** Takes the bodies from those of these requests that are final, and from their attempts, which then read as truncated. */
export function deleteBodies(db: PrismaTransactionLike, ids: readonly string[]) {
  return db.$executeRaw`
    WITH /* requeuest:deleteBodies */ final AS MATERIALIZED (
      SELECT id FROM requeuest_request
      WHERE id = ANY (${plainList(ids)}::uuid[]) AND state IN ('delivered', 'failed', 'cancelled')
      FOR NO KEY UPDATE
    ), emptied AS (
      UPDATE requeuest_attempt SET body = NULL, body_truncated = body_truncated OR length(body) > 0
      WHERE request_id = ANY (ARRAY(SELECT id FROM final)) AND body IS NOT NULL
    )
    UPDATE requeuest_request SET body = NULL, bodies_pruned = true WHERE id = ANY (ARRAY(SELECT id FROM final))`
}
