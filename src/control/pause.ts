import { inTransactionOfCaller } from '../store/caller.ts'
import type { Database } from '../store/database.ts'
import type { PrismaTransactionLike } from '../store/db.ts'
import { countClaimed, pauseScope, resumeScope } from '../store/pauses.ts'
import { type ControlTarget, resolveScope } from './target.ts'

/** Result of {@link Requeuest.pause}. */
export interface PauseResult {
  /** How many requests workers hold, and may be sending. */
  inFlight: number
}

export async function pause(
  db: Database,
  target: ControlTarget,
  tx: PrismaTransactionLike | undefined,
): Promise<PauseResult> {
  const scope = resolveScope(target)
  return inTransactionOfCaller(db, tx, async (into) => {
    await pauseScope(into, scope)
    const [claimed] = await countClaimed(into, scope)
    return { inFlight: claimed?.count ?? 0 }
  })
}

/** Returns whether it was paused or blocked. */
export async function resume(
  db: Database,
  target: ControlTarget,
  tx: PrismaTransactionLike | undefined,
): Promise<boolean> {
  const scope = resolveScope(target)
  return (await inTransactionOfCaller(db, tx, (into) => resumeScope(into, scope))) > 0
}
