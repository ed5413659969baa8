import { type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { countDueUnblocks, findDueUnblocks, unblockLines } from '../store/lines.ts'
import type { Apart } from './apart.ts'

const BATCH = 100

/**
 * Unblocks the next request of a line if that could not be done when the one before became final. Returns how many were
 * attempted, and how many are left. Safe to run in any number of processes at once.
 */
export async function unblockLinesOnce(
  db: PrismaTransactionLike,
  apart: Apart,
): Promise<{ tried: number; left: number }> {
  // Mostly there are none, and finding that out should cost one statement.
  if ((await count(db, apart)) === 0) return { tried: 0, left: 0 }
  const found = await withDatabaseErrors(() => findDueUnblocks(db, BATCH, apart.refused))
  const ids = found.map(({ id }) => id)
  const passed = await apart.run(ids, (some) => withDatabaseErrors(() => unblockLines(db, some)))
  return { tried: passed.reduce((sum, some) => sum + some, 0), left: await count(db, apart) }
}

async function count(db: PrismaTransactionLike, apart: Apart): Promise<number> {
  const [due] = await withDatabaseErrors(() => countDueUnblocks(db, BATCH, apart.refused))
  return due?.count ?? 0
}
