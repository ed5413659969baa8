import { inTransactionOfCaller } from '../store/caller.ts'
import { type CancelledRow, cancelRequests } from '../store/control.ts'
import type { Database } from '../store/database.ts'
import type { PrismaTransactionLike } from '../store/db.ts'
import { matchingIds } from './batches.ts'
import { type RequestFilter, resolveFilter } from './filter.ts'

/** Result of {@link Requeuest.cancel}. */
export interface CancelResult {
  /** How many requests were cancelled, including those in flight. */
  cancelled: number
  /** Ids of those that a worker had claimed: the attempt under way may still arrive. No other follows. */
  inFlight: string[]
}

/** Cancels the matching requests that are pending or claimed, batch by batch. */
export async function cancel(
  db: Database,
  which: string | RequestFilter,
  tx: PrismaTransactionLike | undefined,
  onCancelled: (row: CancelledRow) => void,
): Promise<CancelResult> {
  const terms = resolveFilter(which, ['pending', 'claimed'])
  return inTransactionOfCaller(db, tx, async (into) => {
    const result: CancelResult = { cancelled: 0, inFlight: [] }
    for await (const ids of matchingIds(into, terms)) {
      for (const row of await cancelRequests(into, ids, terms.states)) {
        onCancelled(row)
        result.cancelled++
        if (row.inFlight) result.inFlight.push(row.id)
      }
    }
    return result
  })
}
