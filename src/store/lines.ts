import type { PrismaTransactionLike } from './db.ts'

/**
 * Tries again to let the next in line through behind up to `limit` final requests for which that was not possible
 * when they became final. The database's own trigger does the work; touching `state` is what calls it.
 */
export function passTurns(db: PrismaTransactionLike, limit: number) {
  return db.$executeRaw`
    UPDATE requeuest_request SET state = state
    WHERE id IN (
      SELECT id FROM requeuest_request
      WHERE passes_turn AND (lease_until IS NULL OR lease_until <= statement_timestamp())
      LIMIT ${limit} FOR UPDATE SKIP LOCKED)`
}

/** How many final requests still have a turn to pass, up to `limit`. */
export function countTurnsToPass(db: PrismaTransactionLike, limit: number) {
  return db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM (SELECT 1 FROM requeuest_request WHERE passes_turn LIMIT ${limit}) AS turn`
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
