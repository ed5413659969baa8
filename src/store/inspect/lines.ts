import type { PrismaTransactionLike } from '../db.ts'

export interface HeldLineRow {
  channel: string
  orderKey: string
  heldById: string
  heldAtMs: number | null
  /** How many live requests it has, up to the limit. */
  waiting: number
}

/** Up to `limit` held lines, those first that were held first, with up to `most` requests of each. */
export function listHeldLines(db: PrismaTransactionLike, limit: number, most: number) {
  return db.$queryRaw<HeldLineRow[]>`
    SELECT /* requeuest:listHeldLines */ channel, order_key AS "orderKey", held_by_id::text AS "heldById",
      (extract(epoch FROM held_at) * 1000)::float8 AS "heldAtMs",
      (SELECT count(*)::int FROM (
        SELECT FROM requeuest_request
        WHERE channel = line.channel AND order_key = line.order_key AND state IN ('pending', 'claimed')
        ORDER BY order_seq LIMIT ${most}::int) AS member) AS waiting
    FROM (
      SELECT * FROM requeuest_line WHERE held_by_id IS NOT NULL ORDER BY held_at LIMIT ${limit}::int) AS line
    ORDER BY held_at`
}
