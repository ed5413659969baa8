import { checkKeys, checkObject } from '../check/check.ts'
import { type CancelledRow, cancelRequests } from '../store/control.ts'
import type { Database } from '../store/database.ts'
import type { PrismaTransactionLike } from '../store/db.ts'
import { BATCH_KEYS, type BatchOptions, changeInBatches, resolveBatchOptions } from './batches.ts'
import { type RequestFilter, resolveFilter } from './filter.ts'

/** Result of {@link Requeuest.cancel}. */
export interface CancelResult {
  /** How many pending and claimed requests match every condition. */
  matched: number
  /** How many requests were cancelled, including those in flight; 0 in a dry run. */
  cancelled: number
  /** Ids of those that a worker had claimed: the attempt under way may still arrive. No other follows. */
  inFlight: string[]
}

/** Options of {@link Requeuest.cancel}. */
export interface CancelOptions extends BatchOptions<CancelResult> {}

/** Cancels the matching requests that are pending or claimed, batch by batch. */
export async function cancel(
  db: Database,
  which: string | RequestFilter,
  options: CancelOptions,
  onCancelled: (row: CancelledRow, tx: PrismaTransactionLike | undefined) => void,
): Promise<CancelResult> {
  const terms = resolveFilter(which, ['pending', 'claimed'])
  checkObject('options', options)
  checkKeys('options', options, BATCH_KEYS)
  const batch = resolveBatchOptions(options)
  const soFar: CancelResult = { matched: 0, cancelled: 0, inFlight: [] }
  return changeInBatches(db, terms, batch, soFar, async (into, ids) => {
    for (const row of await cancelRequests(into, ids, terms.states)) {
      onCancelled(row, batch.tx)
      soFar.cancelled++
      if (row.inFlight) soFar.inFlight.push(row.id)
    }
    return []
  })
}
