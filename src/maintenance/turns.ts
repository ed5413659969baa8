import { inTransaction, type PrismaClientLike } from '../store/db.ts'
import { countTurnsToPass, passTurns } from '../store/lines.ts'

const BATCH = 100

/**
 * Lets the next in line through where that could not be done when the one before became final. Returns how many
 * turns are still to be passed. Safe to run in any number of processes at once.
 */
export async function passTurnsOnce(db: PrismaClientLike): Promise<number> {
  const [, [left]] = await inTransaction(db, [passTurns(db, BATCH), countTurnsToPass(db, BATCH)])
  return left?.count ?? 0
}
