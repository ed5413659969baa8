import type { Message, StoredContent } from '../message/message.ts'
import type { AcceptSet } from './accept.ts'
import type { StatusRules } from './on-status.ts'
import type { RetryPolicy } from './retry-policy.ts'

/** All that {@link RequestState} may be. */
export const REQUEST_STATES = ['pending', 'claimed', 'delivered', 'failed', 'cancelled'] as const

/** Where a request is on its way. The last three are final. */
export type RequestState = (typeof REQUEST_STATES)[number]

/** What happens behind a request of a line that fails for good: the line continues, or it is held until it is released. */
export type LineFailureAction = 'continue' | 'hold'

/** What a spawn does if its channel has a request with its key already. */
export type DuplicateAction = 'keep' | 'replace' | 'error'

/** A deduplication key and for how long it is held; null means as long as the row exists. */
export interface Dedupe {
  key: string
  forMs: number | null
  onDuplicate: DuplicateAction
}

/** What the options say of a request, with every default filled in. Many requests share one, so nobody changes it. */
export interface Placement {
  priority: number
  orderKey: string | null
  afterFailure: LineFailureAction
  accept: AcceptSet
  timeoutMs: number
  maxRedirects: number
  retry: RetryPolicy
  dedupe: Dedupe | null
  onStatus: StatusRules
  /** Due this long after the insert, or at an absolute time. */
  due: { delayMs: number } | { atMs: number }
  expiry: { afterMs: number } | { atMs: number } | null
}

/** Whether it may be sent as soon as it is written. */
export function isDueNow({ due }: Placement): boolean {
  return 'delayMs' in due && due.delayMs === 0
}

/** A request that is to be written. */
export interface NewRequest {
  id: string
  channel: string
  placement: Placement
  message: Message
  /** The trace of the spawn; null where it is not traced. */
  traceContext: string | null
}

/**
 * A request that a worker holds under a lease. Times are the database's, in milliseconds since 1970. What it holds is as
 * the row has it: a hand-made row may hold anything, so the sender checks it.
 */
export interface ClaimedRequest extends StoredContent {
  id: string
  /** Number of the attempt that this claim is for; with `id` its fencing token. */
  number: number
  /** Attempts before it was last redriven. */
  attemptsBefore: number
  channel: string
  /** 0 goes first. */
  priority: number
  ordered: boolean
  method: string
  url: string
  /** Scheme, host and port of `url`. */
  origin: string
  accept: string[]
  timeoutMs: number
  maxRedirects: number
  retry: RetryPolicy
  onStatus: StatusRules
  claimedAtMs: number
  createdAtMs: number
  /** Since when it could have been claimed for this attempt. */
  dueAtMs: number
  expiresAtMs: number | null
  /** Bytes of a body that was too large to be claimed with the rest and is yet to be read; otherwise 0. */
  unreadBytes: number
  /** The trace of the spawn, where that is read. */
  traceContext: string | null
  /** What no worker could go by in what the row says, if anything. */
  problem: string | null
}
