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
  /** Called after each batch, with what is done so far. What it throws or rejects with ends the redrive; what is done stays done. */
  onProgress?: (soFar: Redriven) => unknown
}

/** Makes failed and cancelled requests due again, batch by batch, each in a transaction of its own unless one is given. */
export async function redrive(
  db: Database,
  which: string | RequestFilter,
  options: RedriveOptions,
  onRedriven: (channel: string, tx: PrismaTransactionLike | undefined) => Promise<void>,
): Promise<Redriven> {
  const terms = resolveFilter(which, ['failed', 'cancelled'])
  const { tx, dryRun, onProgress, ...given } = resolveRedriveOptions(options)
  const soFar: Redriven = { matched: 0, redriven: 0 }
  const told: Promise<unknown>[] = []
  let isEnough = false
  await inTransactionOfCaller(db, tx, async (into) => {
    for await (const ids of matchingIds(into, terms)) {
      if (isEnough) break
      const rows = dryRun ? [] : await redriveRequests(into, ids, terms.states, given)
      for (const channel of new Set(rows.map((row) => row.channel))) told.push(onRedriven(channel, tx))
      soFar.matched += ids.length
      soFar.redriven += rows.length
      const telling = (async () => onProgress?.({ ...soFar }))()
      telling.catch(() => {
        isEnough = true
      })
      told.push(telling)
    }
  })
  // Not before: it may itself wait for its turn in the caller's transaction.
  await Promise.all(told)
  return soFar
}

function resolveRedriveOptions(options: RedriveOptions) {
  checkObject('options', options)
  checkKeys('options', options, ['tx', 'dryRun', 'maxAttempts', 'expiresAfterMs', 'onProgress'])
  const { dryRun = false, maxAttempts, expiresAfterMs, onProgress } = options
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw new InvalidInputError('options.onProgress', hidden(onProgress), 'a function')
  }
  return {
    tx: checkTransaction(options),
    dryRun: checkBoolean('options.dryRun', dryRun),
    maxAttempts: maxAttempts === undefined ? null : checkInteger('options.maxAttempts', maxAttempts, 1, MAX_INT),
    expiresAfterMs:
      expiresAfterMs === undefined ? null : checkInteger('options.expiresAfterMs', expiresAfterMs, 1, MAX_SPAN_MS),
    onProgress,
  }
}
