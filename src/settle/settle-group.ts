import { isPlainlyAccepted, settleAccepted } from '../store/accepted.ts'
import type { PrismaTransactionLike } from '../store/db.ts'
import { type StoredSettlement, settleClaims, type Verdict } from '../store/settlements.ts'

/**
 * Writes finished attempts. If most of them are plainly accepted, a smaller statement writes those first.
 *
 * @returns the verdicts other than `settled`
 */
export async function settleGroup(
  db: PrismaTransactionLike,
  group: readonly StoredSettlement[],
): Promise<Map<string, Verdict>> {
  const accepted = group.filter(isPlainlyAccepted)
  const left = accepted.length * 2 >= group.length ? await leftBy(db, group, accepted) : group
  const rows = left.length > 0 ? await settleClaims(db, left) : []
  return new Map(rows.map(({ id, verdict }) => [id, verdict]))
}

/** What is still to be written: the others, and what the smaller statement did not write. */
async function leftBy(
  db: PrismaTransactionLike,
  group: readonly StoredSettlement[],
  accepted: readonly StoredSettlement[],
): Promise<readonly StoredSettlement[]> {
  const rows = await settleAccepted(db, accepted)
  if (rows.length === 0 && accepted.length === group.length) return []
  const done = new Set(accepted.map(({ claim }) => claim.id))
  for (const { id } of rows) done.delete(id)
  return group.filter(({ claim }) => !done.has(claim.id))
}
