import { checkBoolean, checkFunction } from '../check/check.ts'
import type { ControlOptions } from '../options/control.ts'
import { checkTransaction } from '../options/transaction.ts'
import { inTransactionOfCaller } from '../store/caller.ts'
import type { Database } from '../store/database.ts'
import type { PrismaTransactionLike } from '../store/db.ts'
import { type MatchTerms, selectMatching } from '../store/matches.ts'

const BATCH = 1000

/** Options of methods that change all requests that match, batch by batch. */
export interface BatchOptions<Result> extends ControlOptions {
  /** Only counts what matches. @default false */
  dryRun?: boolean
  /** Called after each batch with the result so far. If it throws or rejects, the call ends so; finished batches stay. @default none */
  onProgress?: (soFar: Result) => unknown
}

export const BATCH_KEYS = ['tx', 'dryRun', 'onProgress'] as const

export interface ResolvedBatchOptions<Result> {
  tx: PrismaTransactionLike | undefined
  dryRun: boolean
  onProgress: ((soFar: Result) => unknown) | undefined
}

/** Throws {@link InvalidInputError} if one of {@link BATCH_KEYS} is invalid. */
export function resolveBatchOptions<Result>(options: BatchOptions<Result>): ResolvedBatchOptions<Result> {
  const { dryRun = false, onProgress } = options
  return {
    tx: checkTransaction(options),
    dryRun: checkBoolean('options.dryRun', dryRun),
    onProgress: onProgress === undefined ? undefined : checkFunction('options.onProgress', onProgress),
  }
}

/**
 * Changes all requests to which the terms apply, each batch in a transaction of its own unless one is given.
 *
 * @param soFar - the result before the first batch, which is counted up
 * @param change - changes a batch and adds to `soFar`; what it returns is waited for at the end
 */
export async function changeInBatches<Result extends { matched: number }>(
  db: Database,
  terms: MatchTerms,
  { tx, dryRun, onProgress }: ResolvedBatchOptions<Result>,
  soFar: Result,
  change: (into: PrismaTransactionLike, ids: readonly string[]) => Promise<readonly Promise<unknown>[]>,
): Promise<Result> {
  const told: Promise<unknown>[] = []
  let isEnough = false
  await inTransactionOfCaller(db, tx, async (into) => {
    for await (const ids of matchingIds(into, terms)) {
      if (isEnough) break
      if (!dryRun) told.push(...(await change(into, ids)))
      soFar.matched += ids.length
      const telling = (async () => onProgress?.(structuredClone(soFar)))()
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

/** The ids of all requests to which the terms apply, so many at a time that no statement holds very many locks. */
export async function* matchingIds(db: PrismaTransactionLike, terms: MatchTerms): AsyncGenerator<string[]> {
  const find = (behind: string | null) => selectMatching(db, terms, behind, BATCH)
  let behind: string | null = null
  do {
    const rows = await find(behind)
    if (rows.length > 0) yield rows.map((row) => row.id)
    behind = (rows.length === BATCH && rows.at(-1)?.id) || null
  } while (behind !== null)
}
