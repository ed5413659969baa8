import { MAX_INT, MAX_SPAN_MS } from '../core/bounds.ts'
import { checkBoolean, checkInteger, checkKeys, checkObject } from '../core/check.ts'
import { hidden, InvalidInputError } from '../errors.ts'
import { checkTransaction } from '../spawn/transaction.ts'
import { inTransactionOfCaller } from '../store/caller.ts'
import type { Database } from '../store/database.ts'
import type { PrismaTransactionLike } from '../store/db.ts'
import { redriveRequests } from '../store/redrives.ts'
import { matchingIds } from './batches.ts'
import { type RequestFilter, resolveFilter } from './filter.ts'
import type { ControlOptions } from './options.ts'

/** How many requests were looked at. */
export interface Redriven {
  /** Those that are failed or cancelled and to which every condition applies. */
  matched: number
  /** Those that are due again: without a dry run, all but what a worker is still sending or what became different meanwhile. */
  redriven: number
}

/** Options of {@link Requeuest.redrive}. */
export interface RedriveOptions extends ControlOptions {
  /** Only count. @default false */
  dryRun?: boolean
  /** How many tries each may take from now on. @default as many as it could when it was spawned */
  maxAttempts?: number
  /** Give up this many milliseconds from now. @default when it had to expire before, or never if that is over */
  expiresAfterMs?: number
  /** Called after each batch, with what is done so far. What it throws ends the redrive; what is done stays done. */
  onProgress?: (soFar: Redriven) => void
}

/** Makes failed and cancelled requests due again, batch by batch, each in a transaction of its own unless one is given. */
export async function redrive(
  db: Database,
  which: string | RequestFilter,
  options: RedriveOptions,
  onRedriven: (channel: string, tx: PrismaTransactionLike | undefined) => void,
): Promise<Redriven> {
  const terms = resolveFilter(which, ['failed', 'cancelled'])
  const { tx, dryRun, onProgress, ...given } = resolveRedriveOptions(options)
  const soFar: Redriven = { matched: 0, redriven: 0 }
  let thrown: { error: unknown } | undefined
  await inTransactionOfCaller(db, tx, async (into) => {
    for await (const ids of matchingIds(into, terms)) {
      const rows = dryRun ? [] : await redriveRequests(into, ids, terms.states, given)
      for (const channel of new Set(rows.map((row) => row.channel))) onRedriven(channel, tx)
      soFar.matched += ids.length
      soFar.redriven += rows.length
      // What it throws is not the database's error.
      if (onProgress) thrown = attempt(() => onProgress({ ...soFar }))
      if (thrown) break
    }
  })
  if (thrown) throw thrown.error
  return soFar
}

/** What `work` throws, if it does. */
function attempt(work: () => void): { error: unknown } | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    return { error }
  }
}

function resolveRedriveOptions(options: RedriveOptions) {
  checkObject('options', options)
  checkKeys('options', options, ['tx', 'dryRun', 'maxAttempts', 'expiresAfterMs', 'onProgress'])
  const { dryRun = false, maxAttempts, expiresAfterMs, onProgress } = options
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw new InvalidInputError('options.onProgress', hidden(onProgress), 'a function')
  }
  return {
    tx: checkTransaction(options.tx),
    dryRun: checkBoolean('options.dryRun', dryRun),
    maxAttempts: maxAttempts === undefined ? null : checkInteger('options.maxAttempts', maxAttempts, 1, MAX_INT),
    expiresAfterMs:
      expiresAfterMs === undefined ? null : checkInteger('options.expiresAfterMs', expiresAfterMs, 1, MAX_SPAN_MS),
    onProgress,
  }
}
