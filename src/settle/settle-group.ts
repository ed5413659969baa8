import { isPlainlyAccepted, settleAccepted } from '../store/accepted.ts'
import type { PrismaTransactionLike } from '../store/db.ts'
import { type StoredSettlement, settleClaims, type Verdict } from '../store/settlements.ts'

/**
 * Writes finished attempts. Where most of them are accepted and nothing else is to be said of them, those are written by a
 * smaller statement first.
 *
 * @returns what became of those that are not settled
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
