/**
 * The partial indexes of the migrations as a schema names them when the `partialIndexes` preview is on; Prisma
 * then drops every partial index that the schema does not name. The conditions read as Postgres prints them
 * back, since Prisma compares them as text.
 */
export const partialIndexes: Record<string, string[]> = {
  HttpRequest: [
    `@@index([channel, priority, runAt, id], where: raw("((state = 'pending'::requeuest_request_state) AND (NOT blocked) AND (priority >= '-32768'::integer))"), map: "requeuest_request_ready_idx")`,
    `@@index([channel, origin, priority, runAt, id], where: raw("((state = 'pending'::requeuest_request_state) AND (NOT blocked) AND (origin >= ''::text))"), map: "requeuest_request_origin_idx")`,
    `@@index([leaseUntil], where: raw("(state = 'claimed'::requeuest_request_state)"), map: "requeuest_request_lease_idx")`,
    `@@index([expiresAt], where: raw("((state = 'pending'::requeuest_request_state) AND (expires_at IS NOT NULL))"), map: "requeuest_request_expiry_idx")`,
    `@@index([channel, orderKey, orderSeq], where: raw("((order_key IS NOT NULL) AND (state = ANY (ARRAY['pending'::requeuest_request_state, 'claimed'::requeuest_request_state])))"), map: "requeuest_request_line_idx")`,
    `@@index([id], where: raw("unblock_due"), map: "requeuest_request_unblock_idx")`,
    `@@index([encryptionKey, id], where: raw("(encryption_key IS NOT NULL)"), map: "requeuest_request_encryption_key_idx")`,
    `@@unique([channel, dedupeKey], where: raw("((dedupe_key IS NOT NULL) AND (NOT dedupe_over))"), map: "requeuest_request_dedupe_idx")`,
    `@@index([state, bodiesPruned, finishedAt], where: raw("(finished_at IS NOT NULL)"), map: "requeuest_request_retention_idx")`,
    `@@index([id], where: raw("((state = ANY (ARRAY['failed'::requeuest_request_state, 'cancelled'::requeuest_request_state])) AND (priority >= '-32768'::integer))"), map: "requeuest_request_failed_idx")`,
    `@@index([channel, handlerDueAt], where: raw("(handler_due_at IS NOT NULL)"), map: "requeuest_request_handler_idx")`,
  ],
  HttpLimit: [`@@index([kind, name], where: raw("(paused_at IS NOT NULL)"), map: "requeuest_limit_paused_idx")`],
  HttpLine: [`@@index([heldAt], where: raw("(held_by_id IS NOT NULL)"), map: "requeuest_line_held_idx")`],
  HttpSchedule: [
    `@@index([nextRunAt], where: raw("((paused_at IS NULL) AND (problem IS NULL))"), map: "requeuest_schedule_due_idx")`,
  ],
  HttpAttempt: [
    `@@index([encryptionKey, requestId, number], where: raw("(encryption_key IS NOT NULL)"), map: "requeuest_attempt_encryption_key_idx")`,
  ],
}
