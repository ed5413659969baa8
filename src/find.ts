import type { AttemptFacts, AttemptOutcome } from './core/attempt.ts'
import type { FailureCode } from './core/outcome.ts'
import type { RenderedRequest } from './core/rendering.ts'
import type { HeaderPairs, RequestState, StoredContent } from './core/request.ts'
import { attemptRow, type Content, type RowName, requestRow, type Vault } from './encryption/vault.ts'
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

/** A request with every try of it that is over. */
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
  body: Uint8Array | null
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

export interface FindOptions {
  /** Show the values of headers that carry credentials. @default false: they read `(hidden)` */
  reveal?: boolean
}

/** Reads a request and its attempts, decrypted; `hide` takes the secrets out of headers. */
export async function find(
  db: PrismaClientLike,
  vault: Vault,
  id: string,
  hide: (headers: HeaderPairs) => HeaderPairs,
): Promise<FoundRequest | null> {
  // Attempts are read last: one that is written between the two statements is better shown than missed.
  const [[request], attempts] = await inTransaction(db, [selectRequest(db, id), selectAttempts(db, id)])
  if (request === undefined) return null
  const readable = (row: RowName, stored: StoredContent) => {
    const { headers, body } = vault.open(row, stored)
    return { headers: headers && hide(headers), body }
  }
  return toFoundRequest(request, attempts, readable)
}

function toFoundRequest(
  { runAtMs, createdAtMs, finishedAtMs, encryptionKey, ...row }: RequestRow,
  attempts: AttemptRow[],
  readable: (row: RowName, stored: StoredContent) => Content,
): FoundRequest {
  const content = readable(requestRow(row.id), { ...row, encryptionKey })
  return {
    ...row,
    ...content,
    headers: content.headers ?? [],
    runAt: new Date(runAtMs),
    createdAt: new Date(createdAtMs),
    finishedAt: toDate(finishedAtMs),
    attempts: attempts.map(({ startedAtMs, nextRunAtMs, encryptionKey, ...attempt }) => ({
      ...attempt,
      ...readable(attemptRow(row.id, attempt.number), { ...attempt, encryptionKey }),
      startedAt: new Date(startedAtMs),
      nextRunAt: toDate(nextRunAtMs),
    })),
  }
}

function toDate(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms)
}
