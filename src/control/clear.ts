import { inTransactionOfCaller } from '../store/caller.ts'
import type { Database } from '../store/database.ts'
import type { PrismaTransactionLike } from '../store/db.ts'
import { cancelPending } from '../store/requests.ts'
import { type ClearTarget, resolveChannels } from './target.ts'

const BATCH = 5000

/** Cancels pending requests batch by batch, so that no statement holds very many locks. Returns how many were cancelled. */
export async function clear(
  db: Database,
  target: ClearTarget,
  tx: PrismaTransactionLike | undefined,
  onCancelled: (id: string) => void,
): Promise<number> {
  const channels = resolveChannels(target)
  return inTransactionOfCaller(db, tx, async (into) => {
    let cleared = 0
    for (;;) {
      const rows = await cancelPending(into, channels, BATCH)
      for (const { id } of rows) onCancelled(id)
      cleared += rows.length
      if (rows.length < BATCH) return cleared
    }
  })
}
