import { inTransaction, type PrismaClientLike, withDatabaseErrors } from '../store/db.ts'
import { countTurnsToPass, passTurns } from '../store/lines.ts'

const BATCH = 100

/**
 * Lets the next in line through where that could not be done when the one before became final. Returns for how many it
 * was tried, and how many are still to be done. Safe to run in any number of processes at once.
 */
export async function passTurnsOnce(db: PrismaClientLike): Promise<{ tried: number; left: number }> {
  // Mostly there are none, and finding that out should cost one statement.
  const [waiting] = await withDatabaseErrors(() => countTurnsToPass(db, BATCH))
  if (!waiting?.count) return { tried: 0, left: 0 }
  const [tried, [left]] = await inTransaction(db, [passTurns(db, BATCH), countTurnsToPass(db, BATCH)])
  return { tried, left: left?.count ?? 0 }
}
