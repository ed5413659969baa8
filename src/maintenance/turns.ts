import { inTransaction, type PrismaClientLike } from '../store/db.ts'
import { countTurnsToPass, passTurns } from '../store/lines.ts'

const BATCH = 100

/**
 * Lets the next in line through where that could not be done when the one before became final. Returns for how many it
 * was tried, and how many are still to be done. Safe to run in any number of processes at once.
 */
export async function passTurnsOnce(db: PrismaClientLike): Promise<{ tried: number; left: number }> {
  const [tried, [left]] = await inTransaction(db, [passTurns(db, BATCH), countTurnsToPass(db, BATCH)])
  return { tried, left: left?.count ?? 0 }
}
