import type { PrismaTransactionLike } from './db.ts'
import { plainList } from './lists.ts'
import { LONGEST_LEASE_H } from './rescues.ts'

/** Up to `limit` requests that have a turn to pass and that no worker is still sending, but for those named. */
export function findTurns(db: PrismaTransactionLike, limit: number, except: readonly string[]) {
  return db.$queryRaw<{ id: string }[]>`
    SELECT id::text FROM requeuest_request
    WHERE passes_turn AND id <> ALL (${plainList(except)}::uuid[])
      AND (lease_until IS NULL OR lease_until <= statement_timestamp() OR lease_until > statement_timestamp() + ${LONGEST_LEASE_H}::int * interval '1 hour')
    ORDER BY id LIMIT ${limit}`
}

/** How many requests still have a turn to pass, up to `limit`, but for those named. */
export function countTurnsToPass(db: PrismaTransactionLike, limit: number, except: readonly string[]) {
  return db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM (
      SELECT 1 FROM requeuest_request WHERE passes_turn AND id <> ALL (${plainList(except)}::uuid[]) LIMIT ${limit}) AS turn`
}

/**
 * Tries again to let the next in line through behind these final requests, for which that was not possible when they became
 * final. The database's own trigger does the work; touching `state` is what calls it. One that is not final, or in no
 * line, was marked by hand.
 */
export function passTurns(db: PrismaTransactionLike, ids: readonly string[]) {
  return db.$executeRaw`
    UPDATE requeuest_request SET
      state = state,
      lease_until = CASE WHEN lease_until <= statement_timestamp() THEN lease_until END,
      passes_turn = passes_turn AND order_key IS NOT NULL AND state IN ('delivered', 'failed', 'cancelled')
    WHERE id = ANY (ARRAY(
      SELECT id FROM requeuest_request
      WHERE id = ANY (${plainList(ids)}::uuid[]) AND passes_turn
        AND (lease_until IS NULL OR lease_until <= statement_timestamp()
          OR lease_until > statement_timestamp() + ${LONGEST_LEASE_H}::int * interval '1 hour')
      ORDER BY id FOR UPDATE SKIP LOCKED))`
}

/** Lets a held line go on. Returns a row when it was held. */
export function releaseLine(db: PrismaTransactionLike, channel: string, orderKey: string) {
  return db.$queryRaw<{ heldById: string }[]>`
    WITH held AS (
      SELECT held_by_id FROM requeuest_line
      WHERE channel = ${channel} AND order_key = ${orderKey} AND held_by_id IS NOT NULL FOR UPDATE)
    UPDATE requeuest_line SET held_by_id = NULL, held_at = NULL
    WHERE channel = ${channel} AND order_key = ${orderKey} AND EXISTS (SELECT 1 FROM held)
    RETURNING (SELECT held_by_id::text FROM held) AS "heldById"`
}

/** Lets the next in a line through if nobody is, waiting for whoever has the line locked. */
export function openLine(db: PrismaTransactionLike, channel: string, orderKey: string) {
  return db.$queryRaw<unknown[]>`SELECT requeuest_next_turn(${channel}, ${orderKey}, 0, true)`
}
