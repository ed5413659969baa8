import { MAX_SPAN_MS } from '../check/bounds.ts'
import { checkBoolean, checkFunction, checkKeys, checkObject } from '../check/check.ts'
import { checkDuration, type Duration } from '../check/duration.ts'
import type { ControlOptions } from '../options/control.ts'
import { checkMaxAttempts } from '../options/retry.ts'
import { checkTransaction } from '../options/transaction.ts'
import { inTransactionOfCaller } from '../store/caller.ts'
import type { Database } from '../store/database.ts'
import type { PrismaTransactionLike } from '../store/db.ts'
import { redriveRequests } from '../store/redrives.ts'
import { matchingIds } from './batches.ts'
import { type RequestFilter, resolveFilter } from './filter.ts'

/** Result of {@link Requeuest.redrive}. */
export interface RedriveResult {
  /** How many failed and cancelled requests match every condition. */
  matched: number
  /** How many are due again: all that matched, except those that a worker still sends or that changed meanwhile; 0 in a dry run. */
  redriven: number
}

/** Options of {@link Requeuest.redrive}. */
export interface RedriveOptions extends ControlOptions {
  /** Only counts what matches. @default false */
  dryRun?: boolean
  /** How many attempts each request may take from now on: 1 to 2 147 483 647, or `Infinity`. @default as many as when it was spawned */
  maxAttempts?: number
  /** The requests expire this long from now; 1 ms to 100 years. @default their previous expiry, or none if that has passed */
  expiresAfter?: Duration
  /** Called after each batch with the result so far. If it throws or rejects, the redrive ends; finished batches stay. @default none */
  onProgress?: (soFar: RedriveResult) => unknown
}

/** Makes failed and cancelled requests due again, batch by batch, each in a transaction of its own unless one is given. */
export async function redrive(
  db: Database,
  which: string | RequestFilter,
  options: RedriveOptions,
  onRedriven: (channel: string, tx: PrismaTransactionLike | undefined) => Promise<void>,
): Promise<RedriveResult> {
  const terms = resolveFilter(which, ['failed', 'cancelled'])
  const { tx, dryRun, onProgress, ...given } = resolveRedriveOptions(options)
  const soFar: RedriveResult = { matched: 0, redriven: 0 }
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
  // Not before: it may itself queue for the caller's transaction.
  await Promise.all(told)
  return soFar
}

function resolveRedriveOptions(options: RedriveOptions) {
  checkObject('options', options)
  checkKeys('options', options, ['tx', 'dryRun', 'maxAttempts', 'expiresAfter', 'onProgress'])
  const { dryRun = false, maxAttempts, expiresAfter, onProgress } = options
  return {
    tx: checkTransaction(options),
    dryRun: checkBoolean('options.dryRun', dryRun),
    maxAttempts: maxAttempts === undefined ? null : checkMaxAttempts('options.maxAttempts', maxAttempts),
    expiresAfterMs:
      expiresAfter === undefined ? null : checkDuration('options.expiresAfter', expiresAfter, 1, MAX_SPAN_MS),
    onProgress: onProgress === undefined ? undefined : checkFunction('options.onProgress', onProgress),
  }
}
