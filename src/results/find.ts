import { MAX_INT } from '../check/bounds.ts'
import { checkBoolean, checkInteger, checkKeys, checkObject } from '../check/check.ts'
import { toDate } from '../check/moment.ts'
import { attemptRow, requestRow, type Vault } from '../encryption/vault.ts'
import type { HeaderPairs } from '../message/message.ts'
import type { RenderedRequest } from '../message/rendering.ts'
import type { AttemptFacts, AttemptOutcome } from '../policy/attempt.ts'
import type { FailureCode } from '../policy/outcome.ts'
import type { RequestState } from '../policy/request.ts'
import { withBytes } from '../store/body-text.ts'
import { inTransaction, type PrismaClientLike } from '../store/db.ts'
import { type AttemptRow, countAttempts, type RequestRow, selectAttempts, selectRequest } from '../store/history.ts'

/** An attempt as its row records it. */
export interface FoundAttempt extends AttemptFacts {
  /** Number of the attempt, from 1. */
  number: number
  outcome: AttemptOutcome
  /** When the claim was recorded, which is before any byte was sent. */
  startedAt: Date
  workerId: string
  /** The request that a renderer made, without its secrets; null if there is no renderer or it failed. */
  rendered: RenderedRequest | null
  /** When the next attempt was due; null if there was to be none. */
  nextRunAt: Date | null
}

/** A request with its last finished attempts. A time outside the range of `Date` is shown as the nearest `Date`. */
export interface FoundRequest {
  id: string
  channel: string
  state: RequestState
  priority: number
  /** Key of its line; '' is the line of the whole channel, null means unordered. */
  orderKey: string | null
  /** True while an earlier request of its line is live. */
  blocked: boolean
  method: string
  url: string
  headers: HeaderPairs
  /** Request body; null if there is none, or if it was pruned. */
  body: Uint8Array | null
  /** True if `retention.bodies` has passed and the bodies of the request and its responses are deleted. */
  bodiesPruned: boolean
  accept: string[]
  /** Attempts begun, including a running one. */
  attemptCount: number
  /** Why the request failed; null unless it has. */
  failureCode: FailureCode | null
  runAt: Date
  createdAt: Date
  finishedAt: Date | null
  /** Ordered by number: the last 100, or those that `options.attempts` selects. */
  attempts: FoundAttempt[]
  /** Number of recorded attempts in all. */
  attemptsRecorded: number
}

type Opener = Pick<Vault, 'open'>
type Hide = (headers: HeaderPairs) => HeaderPairs

/** Options of {@link Requeuest.find}. */
export interface FindOptions {
  /** Shows the values of headers that carry credentials. @default false: they read `(hidden)` */
  reveal?: boolean
  /**
   * Which attempts to read: the `last` ones (0 to 100 000), among those numbered below `before`. Each has its body of up to
   * `maxResponseBytes`. @default { last: 100 }
   */
  attempts?: { last?: number; before?: number }
}

/** Which bodies to read: those of all, or of the request or one attempt. */
export type FoundBodies = 'all' | 'none' | 'request' | { attempt: number }

/** What to read. */
export interface FindTerms {
  reveal: boolean
  last: number
  before: number | null
}

/** Throws {@link InvalidInputError} if an option is invalid. */
export function resolveFindOptions(options: FindOptions): FindTerms {
  checkObject('options', options)
  checkKeys('options', options, ['reveal', 'attempts'])
  const { reveal = false, attempts = {} } = options
  checkObject('options.attempts', attempts, 'an object such as { last: 10 }')
  checkKeys('options.attempts', attempts, ['last', 'before'])
  const { last = 100, before } = attempts
  return {
    reveal: checkBoolean('options.reveal', reveal),
    last: checkInteger('options.attempts.last', last, 0, 100_000),
    before: before === undefined ? null : checkInteger('options.attempts.before', before, 1, MAX_INT),
  }
}

/** There is no attempt of that number. */
const NO_ATTEMPT = 0

/** Reads a request and its attempts, decrypted; `hide` takes the secrets out of headers. */
export async function find(
  db: PrismaClientLike,
  vault: Opener,
  id: string,
  { last, before }: Pick<FindTerms, 'last' | 'before'>,
  hide: Hide,
  bodies: FoundBodies = 'all',
): Promise<FoundRequest | null> {
  // Attempts are read after their request: one that is written in between is better shown than missed.
  const [[request], attempts, [recorded]] = await inTransaction(db, [
    selectRequest(db, id, bodies === 'all' || bodies === 'request'),
    selectAttempts(
      db,
      id,
      before,
      last,
      bodies === 'all' ? null : typeof bodies === 'object' ? bodies.attempt : NO_ATTEMPT,
    ),
    countAttempts(db, id),
  ])
  if (request === undefined) return null
  return {
    ...toFoundRequest(request, vault, hide),
    attempts: attempts.map((attempt) => toFoundAttempt(id, attempt, vault, hide)),
    attemptsRecorded: recorded?.count ?? 0,
  }
}

export function toFoundRequest(
  { runAtMs, createdAtMs, finishedAtMs, encryptionKey, ...row }: RequestRow,
  vault: Opener,
  hide: Hide,
): Omit<FoundRequest, 'attempts' | 'attemptsRecorded'> {
  const { headers, body } = vault.open(requestRow(row.id), withBytes({ ...row, encryptionKey }))
  return {
    ...row,
    headers: hide(headers ?? []),
    body: body && new Uint8Array(body),
    runAt: toDate(runAtMs),
    createdAt: toDate(createdAtMs),
    finishedAt: toDate(finishedAtMs),
  }
}

export function toFoundAttempt(
  requestId: string,
  { startedAtMs, nextRunAtMs, encryptionKey, ...row }: AttemptRow,
  vault: Opener,
  hide: Hide,
): FoundAttempt {
  const { headers, body } = vault.open(attemptRow(requestId, row.number), withBytes({ ...row, encryptionKey }))
  return {
    ...row,
    headers: headers && hide(headers),
    body: body && new Uint8Array(body),
    startedAt: toDate(startedAtMs),
    nextRunAt: toDate(nextRunAtMs),
  }
}
