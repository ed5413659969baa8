import { POINTS } from '../policy/activity.ts'
import { monotonicMs } from '../runtime/clock.ts'
import { deleteOldActivity } from '../store/activity.ts'
import { deleteOldOrigins } from '../store/breakers.ts'
import { type PrismaClientLike, withDatabaseErrors } from '../store/db.ts'

const BATCH = 500
/** After a full batch the database rests for so many times as long as that took. */
const RESTS = 3
const LEAST_REST_MS = 10
const EVERY_MS = 60_000
/** Charts begin in the middle of a span, and may be a little late. */
const SPANS_KEPT = POINTS + 2

/**
 * Deletes a batch of origins' limit rows that say nothing more, and one of counts that no chart shows any more. Safe to run in any number of processes at once.
 *
 * @returns how many milliseconds to wait until the next time
 */
export async function forgetOnce(db: PrismaClientLike, random: () => number): Promise<number> {
  const startedAtMs = monotonicMs()
  const origins = await withDatabaseErrors(() => deleteOldOrigins(db, BATCH))
  const counts = await withDatabaseErrors(() => deleteOldActivity(db, SPANS_KEPT, BATCH))
  if (origins === BATCH || counts >= BATCH) return Math.max(LEAST_REST_MS, RESTS * (monotonicMs() - startedAtMs))
  return EVERY_MS * (0.5 + random() / 2)
}
