import type { Retention } from '../core/retention.ts'
import { monotonicMs } from '../runtime/clock.ts'
import { inTransaction, type PrismaClientLike } from '../store/db.ts'
import { deleteOldBodies, deleteOldRequests } from '../store/retention.ts'

const BATCH = 500
/** After a full batch the database rests for so many times as long as that took. */
const RESTS = 3
const LEAST_REST_MS = 10
const EVERY_MS = 60_000

/** Whether there is anything that is not kept for ever. */
export function hasLimits({ delivered, failed, cancelled, bodies }: Retention): boolean {
  return [delivered, failed, cancelled, bodies].some((ms) => ms !== null)
}

/**
 * Deletes a batch of requests and a batch of bodies that have been kept long enough. Safe to run in any number of
 * processes at once: while one is at it, the others find nothing.
 *
 * @returns how many milliseconds to wait until the next time
 */
export async function pruneOnce(db: PrismaClientLike, retention: Retention, random: () => number): Promise<number> {
  const startedAtMs = monotonicMs()
  let deleted = 0
  let emptied = 0
  try {
    deleted = await deleteRequests(db, retention)
  } finally {
    // A table of the user's own may not let its requests go: their bodies can go all the same.
    emptied = await deleteBodies(db, retention)
  }
  if (deleted === BATCH || emptied === BATCH) return Math.max(LEAST_REST_MS, RESTS * (monotonicMs() - startedAtMs))
  return EVERY_MS * (0.5 + random() / 2)
}

async function deleteRequests(db: PrismaClientLike, retention: Retention): Promise<number> {
  if (!hasLimits({ ...retention, bodies: null })) return 0
  const [deleted] = await inTransaction(db, [deleteOldRequests(db, retention, BATCH)])
  return deleted
}

async function deleteBodies(db: PrismaClientLike, { bodies }: Retention): Promise<number> {
  if (bodies === null) return 0
  const [emptied] = await inTransaction(db, [deleteOldBodies(db, bodies, BATCH)])
  return emptied
}
