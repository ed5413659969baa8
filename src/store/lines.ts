import type { PrismaTransactionLike } from './db.ts'
import { plainList } from './lists.ts'
import { LONGEST_LEASE_H } from './rescues.ts'

/** Up to `limit` final requests behind which the next one is yet to be unblocked and that no worker is still sending, but for those named. */
export function findDueUnblocks(db: PrismaTransactionLike, limit: number, except: readonly string[]) {
  return db.$queryRaw<{ id: string }[]>`
    SELECT /* requeuest:findDueUnblocks */ id::text FROM requeuest_request AS request
    WHERE unblock_due AND id <> ALL (${plainList(except)}::uuid[])
      AND (lease_until IS NULL OR lease_until <= statement_timestamp() OR lease_until > statement_timestamp() + ${LONGEST_LEASE_H}::int * interval '1 hour')
    ORDER BY request.id LIMIT ${limit}`
}

/** Behind how many final requests the next one is yet to be unblocked, up to `limit`, but for those named. */
export function countDueUnblocks(db: PrismaTransactionLike, limit: number, except: readonly string[]) {
  return db.$queryRaw<{ count: number }[]>`
    SELECT /* requeuest:countDueUnblocks */ count(*)::int AS count FROM (
      SELECT 1 FROM requeuest_request WHERE unblock_due AND id <> ALL (${plainList(except)}::uuid[]) LIMIT ${limit}) AS due`
}

/**
 * Unblocks the next in line behind these final requests, for which that was not possible when they became
 * final. The database's own trigger does the work; touching `state` is what calls it. One that is not final, or in no
 * line, was marked by hand.
 */
export function unblockLines(db: PrismaTransactionLike, ids: readonly string[]) {
  return db.$executeRaw`
    UPDATE /* requeuest:unblockLines */ requeuest_request SET
      state = state,
      lease_until = CASE WHEN lease_until <= statement_timestamp() THEN lease_until END,
      unblock_due = unblock_due AND order_key IS NOT NULL AND state IN ('delivered', 'failed', 'cancelled')
    WHERE id = ANY (ARRAY(
      SELECT id FROM requeuest_request
      WHERE id = ANY (${plainList(ids)}::uuid[]) AND unblock_due
        AND (lease_until IS NULL OR lease_until <= statement_timestamp()
          OR lease_until > statement_timestamp() + ${LONGEST_LEASE_H}::int * interval '1 hour')
      ORDER BY id FOR UPDATE SKIP LOCKED))`
}

/** Lets a held line go on. Returns a row when it was held. */
export function releaseLine(db: PrismaTransactionLike, channel: string, orderKey: string) {
  return db.$queryRaw<{ heldById: string }[]>`
    WITH /* requeuest:releaseLine */ held AS (
      SELECT held_by_id FROM requeuest_line
      WHERE channel = ${channel} AND order_key = ${orderKey} AND held_by_id IS NOT NULL FOR UPDATE)
    UPDATE requeuest_line SET held_by_id = NULL, held_at = NULL
    WHERE channel = ${channel} AND order_key = ${orderKey} AND EXISTS (SELECT 1 FROM held)
    RETURNING (SELECT held_by_id::text FROM held) AS "heldById"`
}

/** Unblocks the next in a line if all are blocked, waiting for whoever has the line locked. */
export function unblockLine(db: PrismaTransactionLike, channel: string, orderKey: string) {
  return db.$queryRaw<
    unknown[]
  >`SELECT /* requeuest:unblockLine */ requeuest_unblock_next(${channel}, ${orderKey}, 0, true)`
}
