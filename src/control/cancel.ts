import { type CancelledRow, cancelRequests } from '../store/control.ts'
import { inTransactionOfCaller, type PrismaTransactionLike } from '../store/db.ts'
import { matchingIds } from './batches.ts'
import { type RequestFilter, resolveFilter } from './filter.ts'

/** What {@link Requeuest.cancel} did. */
export interface Cancelled {
  /** How many requests are cancelled, those in flight included. */
  cancelled: number
  /** The ids of those that a worker had claimed: the try that is under way may still arrive. No other follows. */
  inFlight: string[]
}

/** Cancels what is pending or claimed among the requests that are meant, batch by batch. */
export async function cancel(
  db: PrismaTransactionLike,
  which: string | RequestFilter,
  tx: PrismaTransactionLike | undefined,
  onCancelled: (row: CancelledRow) => void,
): Promise<Cancelled> {
  const terms = resolveFilter(which, ['pending', 'claimed'])
  const result: Cancelled = { cancelled: 0, inFlight: [] }
  for await (const ids of matchingIds(db, tx, terms)) {
    const rows = await inTransactionOfCaller(tx, () => cancelRequests(tx ?? db, ids, terms.states))
    for (const row of rows) {
      onCancelled(row)
      result.cancelled++
      if (row.inFlight) result.inFlight.push(row.id)
    }
  }
  return result
}
