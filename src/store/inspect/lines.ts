import type { PrismaTransactionLike } from '../db.ts'

export interface HeldLineRow {
  channel: string
  orderKey: string
  heldById: string
  heldAtMs: number | null
  /** How many live requests it has, up to `most`. */
  waiting: number
  most: number
}

/**
 * Up to `limit` held lines, those first that were held first. The requests of each are counted up to its part of `inAll`, and
 * no further than `most`.
 */
export function listHeldLines(db: PrismaTransactionLike, limit: number, most: number, inAll: number) {
  return db.$queryRaw<HeldLineRow[]>`
    WITH /* requeuest:listHeldLines */ line AS MATERIALIZED (
      SELECT channel, order_key, held_by_id, held_at,
        greatest(10, least(${most}::int, ${inAll}::int / count(*) OVER ()))::int AS most
      FROM (SELECT * FROM requeuest_line WHERE held_by_id IS NOT NULL ORDER BY held_at LIMIT ${limit}::int) AS held)
    SELECT channel, order_key AS "orderKey", held_by_id::text AS "heldById",
      (extract(epoch FROM held_at) * 1000)::float8 AS "heldAtMs", most,
      (SELECT count(*)::int FROM (
        SELECT FROM requeuest_request
        WHERE channel = line.channel AND order_key = line.order_key AND state IN ('pending', 'claimed')
        ORDER BY order_seq LIMIT line.most + 1) AS member) AS waiting
    FROM line ORDER BY held_at`
}
