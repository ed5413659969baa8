import { MAX_SPAN_MS } from '../check/bounds.ts'
import { checkKeys, checkObject } from '../check/check.ts'
import { checkDuration, type Duration } from '../check/duration.ts'
import { checkMaxAttempts } from '../options/retry.ts'
import type { Database } from '../store/database.ts'
import type { PrismaTransactionLike } from '../store/db.ts'
import { type RedriveTerms, redriveRequests } from '../store/redrives.ts'
import { BATCH_KEYS, type BatchOptions, changeInBatches, resolveBatchOptions } from './batches.ts'
import { type RequestFilter, resolveFilter } from './filter.ts'

/** Result of {@link Requeuest.redrive}. */
export interface RedriveResult {
  /** How many failed and cancelled requests match every condition. */
  matched: number
  /** How many are due again: all that matched, except those that a worker still sends or that changed meanwhile; 0 in a dry run. */
  redriven: number
}

/** Options of {@link Requeuest.redrive}. */
export interface RedriveOptions extends BatchOptions<RedriveResult> {
  /** How many attempts each request may take from now on: 1 to 2 147 483 647, or `Infinity`. @default as many as when it was spawned */
  maxAttempts?: number
  /** The requests expire this long from now; 1 ms to 100 years. @default their previous expiry, or none if that has passed */
  expiresAfter?: Duration
}

/** Makes failed and cancelled requests due again, batch by batch. */
export async function redrive(
  db: Database,
  which: string | RequestFilter,
  options: RedriveOptions,
  onRedriven: (channel: string, tx: PrismaTransactionLike | undefined) => Promise<void>,
): Promise<RedriveResult> {
  const terms = resolveFilter(which, ['failed', 'cancelled'])
  checkObject('options', options)
  checkKeys('options', options, [...BATCH_KEYS, 'maxAttempts', 'expiresAfter'])
  const batch = resolveBatchOptions(options)
  const given = resolveTerms(options)
  const soFar: RedriveResult = { matched: 0, redriven: 0 }
  return changeInBatches(db, terms, batch, soFar, async (into, ids) => {
    const rows = await redriveRequests(into, ids, terms.states, given)
    soFar.redriven += rows.length
    return [...new Set(rows.map((row) => row.channel))].map((channel) => onRedriven(channel, batch.tx))
  })
}

function resolveTerms({ maxAttempts, expiresAfter }: RedriveOptions): RedriveTerms {
  return {
    maxAttempts: maxAttempts === undefined ? null : checkMaxAttempts('options.maxAttempts', maxAttempts),
    expiresAfterMs:
      expiresAfter === undefined ? null : checkDuration('options.expiresAfter', expiresAfter, 1, MAX_SPAN_MS),
  }
}
