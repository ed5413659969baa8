import type { Retention } from '../core/retention.ts'
import { monotonicMs } from '../runtime/clock.ts'
import { inTransaction, type PrismaClientLike, type PrismaStatement } from '../store/db.ts'
import { deleteOldBodies, deleteOldRequests } from '../store/retention.ts'

const BATCH = 500
/** After a full batch the database rests for so many times as long as that took. */
const RESTS = 3
const LEAST_REST_MS = 10
const EVERY_MS = 60_000

/** Deletes or empties one batch and says how many milliseconds to wait until the next. */
type Prune = () => Promise<number>

/**
 * What there is to do for a retention. Each is safe to run in any number of processes at once: while one is at it, the
 * others find nothing.
 */
export function prunings(db: PrismaClientLike, retention: Retention, random: () => number): Prune[] {
  const { delivered, failed, cancelled, bodies } = retention
  const prune = (statement: () => PrismaStatement<number>) => async () => {
    const startedAtMs = monotonicMs()
    const [count] = await inTransaction(db, [statement()])
    if (count === BATCH) return Math.max(LEAST_REST_MS, RESTS * (monotonicMs() - startedAtMs))
    return EVERY_MS * (0.5 + random() / 2)
  }
  return [
    ...([delivered, failed, cancelled].every((ms) => ms === null)
      ? []
      : [prune(() => deleteOldRequests(db, retention, BATCH))]),
    ...(bodies === null ? [] : [prune(() => deleteOldBodies(db, bodies, BATCH))]),
  ]
}
