import type { AttemptFacts, AttemptOutcome } from './core/attempt.ts'
import { toDate } from './core/moment.ts'
import type { FailureCode } from './core/outcome.ts'
import type { RenderedRequest } from './core/rendering.ts'
import type { HeaderPairs, RequestState } from './core/request.ts'
import { attemptRow, requestRow, type Vault } from './encryption/vault.ts'
import { inTransaction, type PrismaClientLike } from './store/db.ts'
import { type AttemptRow, type RequestRow, selectAttempts, selectRequest } from './store/history.ts'

/** One try, as its row tells it. */
export interface FoundAttempt extends AttemptFacts {
  /** 1 for the first try. */
  number: number
  outcome: AttemptOutcome
  /** When the try was recorded, which is before any byte left. */
  startedAt: Date
  workerId: string
  /** What a renderer made of the request, without its secrets; null when it has none or failed. */
  rendered: RenderedRequest | null
  /** When the next try was due, if there was to be one. */
  nextRunAt: Date | null
}

/** A request with every try of it that is over. Of a moment that no `Date` can hold it has the furthest one that can. */
export interface FoundRequest {
  id: string
  channel: string
  state: RequestState
  priority: number
  /** Key of its line; '' is the line of the whole channel, null is unordered. */
  orderKey: string | null
  /** True while an earlier request of its line is live. */
  waitsInLine: boolean
  method: string
  url: string
  headers: HeaderPairs
  /** Null when there is none, or none any more. */
  body: Uint8Array | null
  /** True when `retention.bodies` is over: the bodies of the request and of its responses are deleted. */
  bodiesPruned: boolean
  accept: string[]
  /** Tries begun, a running one included. */
  attemptCount: number
  /** Why it was given up, if it was. */
  failureCode: FailureCode | null
  runAt: Date
  createdAt: Date
  finishedAt: Date | null
  /** In order of their numbers. */
  attempts: FoundAttempt[]
}

type Hide = (headers: HeaderPairs) => HeaderPairs

export interface FindOptions {
  /** Show the values of headers that carry credentials. @default false: they read `(hidden)` */
  reveal?: boolean
}

/** Reads a request and its attempts, decrypted; `hide` takes the secrets out of headers. */
export async function find(db: PrismaClientLike, vault: Vault, id: string, hide: Hide): Promise<FoundRequest | null> {
  // Attempts are read last: one that is written between the two statements is better shown than missed.
  const [[request], attempts] = await inTransaction(db, [selectRequest(db, id), selectAttempts(db, id)])
  if (request === undefined) return null
  return {
    ...toFoundRequest(request, vault, hide),
    attempts: attempts.map((attempt) => toFoundAttempt(id, attempt, vault, hide)),
  }
}

export function toFoundRequest(
  { runAtMs, createdAtMs, finishedAtMs, encryptionKey, ...row }: RequestRow,
  vault: Vault,
  hide: Hide,
): Omit<FoundRequest, 'attempts'> {
  const { headers, body } = vault.open(requestRow(row.id), { ...row, encryptionKey })
  return {
    ...row,
    headers: hide(headers ?? []),
    body,
    runAt: toDate(runAtMs),
    createdAt: toDate(createdAtMs),
    finishedAt: toDate(finishedAtMs),
  }
}

export function toFoundAttempt(
  requestId: string,
  { startedAtMs, nextRunAtMs, encryptionKey, ...row }: AttemptRow,
  vault: Vault,
  hide: Hide,
): FoundAttempt {
  const { headers, body } = vault.open(attemptRow(requestId, row.number), { ...row, encryptionKey })
  return {
    ...row,
    headers: headers && hide(headers),
    body,
    startedAt: toDate(startedAtMs),
    nextRunAt: toDate(nextRunAtMs),
  }
}
