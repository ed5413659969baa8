import type { RequeuestError } from '../errors.ts'
import type { Retention } from '../policy/retention.ts'
import { monotonicMs } from '../runtime/clock.ts'
import {
  isForGood,
  type PrismaClientLike,
  type PrismaTransactionLike,
  withDatabaseErrors,
  withOpenTransaction,
} from '../store/db.ts'
import { deleteBodies, deleteRequests, findOldBodies, findOldRequests, takeTurn } from '../store/retention.ts'
import type { Apart } from './apart.ts'

const BATCH = 500
/** After a full batch the database rests for so many times as long as that took. */
const RESTS = 3
const LEAST_REST_MS = 10
const EVERY_MS = 60_000

/** Whether `retention` limits anything. */
export function hasLimits({ delivered, failed, cancelled, bodies }: Retention): boolean {
  return [delivered, failed, cancelled, bodies].some((ms) => ms !== null)
}

/**
 * Deletes a batch of requests and a batch of bodies that have been kept long enough. Safe to run in any number of
 * processes at once: while one is at it, the others find nothing.
 *
 * @returns how many milliseconds to wait until the next time
 */
export async function pruneOnce(
  db: PrismaClientLike,
  retention: Retention,
  random: () => number,
  apart: { requests: Apart; bodies: Apart },
): Promise<number> {
  const startedAtMs = monotonicMs()
  const { bodies } = retention
  const requests = hasLimits({ ...retention, bodies: null })
    ? await prune(db, 'requests', apart.requests, deleteRequests, (tx, except) =>
        findOldRequests(tx, retention, BATCH, except),
      )
    : 0
  const emptied =
    bodies === null
      ? 0
      : await prune(db, 'bodies', apart.bodies, deleteBodies, (tx, except) => findOldBodies(tx, bodies, BATCH, except))
  if (requests === BATCH || emptied === BATCH) return Math.max(LEAST_REST_MS, RESTS * (monotonicMs() - startedAtMs))
  return EVERY_MS * (0.5 + random() / 2)
}

/** Returns how many were found. Rows are locked while they are deleted; if that is refused, they are deleted in parts. */
async function prune(
  db: PrismaClientLike,
  what: 'requests' | 'bodies',
  apart: Apart,
  remove: (db: PrismaTransactionLike, ids: readonly string[]) => PromiseLike<number>,
  find: (tx: PrismaTransactionLike, except: readonly string[]) => PromiseLike<{ id: string }[]>,
): Promise<number> {
  const except = apart.refused
  let ids: string[] = []
  try {
    await withDatabaseErrors(() =>
      withOpenTransaction(db, async (tx) => {
        const [turn] = await takeTurn(tx, what)
        if (!turn?.mine) return
        ids = (await find(tx, except)).map(({ id }) => id)
        if (ids.length > 0) await remove(tx, ids)
      }),
    )
  } catch (error) {
    if (ids.length === 0 || !isForGood((error as RequeuestError).cause)) throw error
    await apart.run(ids, (some) => withDatabaseErrors(() => remove(db, some)))
  }
  return ids.length
}
