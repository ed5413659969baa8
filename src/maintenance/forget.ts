import { monotonicMs } from '../runtime/clock.ts'
import { deleteOldOrigins } from '../store/breakers.ts'
import { type PrismaClientLike, withDatabaseErrors } from '../store/db.ts'

const BATCH = 500
/** After a full batch the database rests for so many times as long as that took. */
const RESTS = 3
const LEAST_REST_MS = 10
const EVERY_MS = 60_000

/**
 * Deletes a batch of origins' limit rows that say nothing more. Safe to run in any number of processes at once.
 *
 * @returns how many milliseconds to wait until the next time
 */
export async function forgetOnce(db: PrismaClientLike, random: () => number): Promise<number> {
  const startedAtMs = monotonicMs()
  const deleted = await withDatabaseErrors(() => deleteOldOrigins(db, BATCH))
  if (deleted === BATCH) return Math.max(LEAST_REST_MS, RESTS * (monotonicMs() - startedAtMs))
  return EVERY_MS * (0.5 + random() / 2)
}
