import type { Retention } from '../core/retention.ts'
import type { PrismaTransactionLike } from './db.ts'
import { plainList } from './lists.ts'

/*
 * Each statement does nothing while another worker runs it: so however many workers there are, they cost the database no
 * more than one.
 */

/**
 * Deletes up to `limit` requests that have been final for longer than they are kept, with their attempts. Left out are
 * those that are needed still: the one that holds its line, one that has a turn to pass, and one that is yet to be handled.
 */
export function deleteOldRequests(db: PrismaTransactionLike, retention: Retention, limit: number) {
  const { delivered, failed, cancelled } = retention
  return db.$executeRaw`
    WITH turn AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(hashtext('requeuest_old_requests')) AS mine),
    old AS MATERIALIZED (
      SELECT found.id
      FROM turn
      CROSS JOIN unnest(
        '{delivered,failed,cancelled}'::requeuest_request_state[], ${plainList([delivered, failed, cancelled])}::float8[]
      ) AS kept (state, ms)
      CROSS JOIN (VALUES (true), (false)) AS bodies (pruned)
      CROSS JOIN LATERAL (
        SELECT id FROM requeuest_request AS request
        WHERE state = kept.state AND bodies_pruned = bodies.pruned AND finished_at IS NOT NULL
          AND finished_at < statement_timestamp() - kept.ms * interval '1 millisecond'
          AND NOT passes_turn AND handler_due_at IS NULL
          AND (order_key IS NULL OR (
            SELECT held_by_id FROM requeuest_line AS line
            WHERE line.channel = request.channel AND line.order_key = request.order_key) IS DISTINCT FROM id)
        ORDER BY finished_at LIMIT ${limit} FOR UPDATE SKIP LOCKED) AS found
      WHERE turn.mine AND kept.ms IS NOT NULL
      LIMIT ${limit}
    )
    DELETE FROM requeuest_request WHERE id = ANY (ARRAY(SELECT id FROM old))`
}

/**
 * Takes the bodies from up to `limit` requests that have been final for longer than `ms`, and from their attempts, which
 * then read as truncated. Left out are those yet to be handled, and those that a worker which lost its claim may still be
 * sending: it would bring another body.
 */
export function deleteOldBodies(db: PrismaTransactionLike, ms: number, limit: number) {
  return db.$executeRaw`
    WITH turn AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(hashtext('requeuest_old_bodies')) AS mine),
    old AS MATERIALIZED (
      SELECT found.id
      FROM turn
      CROSS JOIN unnest('{delivered,failed,cancelled}'::requeuest_request_state[]) AS final (state)
      CROSS JOIN LATERAL (
        SELECT id FROM requeuest_request
        WHERE state = final.state AND NOT bodies_pruned AND finished_at IS NOT NULL
          AND finished_at < statement_timestamp() - ${ms}::float8 * interval '1 millisecond'
          AND handler_due_at IS NULL AND (lease_until IS NULL OR lease_until < statement_timestamp())
        ORDER BY finished_at LIMIT ${limit} FOR NO KEY UPDATE SKIP LOCKED) AS found
      WHERE turn.mine
      LIMIT ${limit}
    ), emptied AS (
      UPDATE requeuest_attempt SET body = NULL, body_truncated = body_truncated OR length(body) > 0
      WHERE request_id = ANY (ARRAY(SELECT id FROM old)) AND body IS NOT NULL
    )
    UPDATE requeuest_request SET body = NULL, bodies_pruned = true WHERE id = ANY (ARRAY(SELECT id FROM old))`
}
