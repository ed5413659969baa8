import type { HeaderPairs } from '../message/message.ts'
import type { RenderedRequest } from '../message/rendering.ts'

/** All that {@link AttemptOutcome} may be. */
export const ATTEMPT_OUTCOMES = [
  'accepted',
  'rejected',
  'timeout',
  'network_error',
  'blocked',
  'invalid',
  'unprepared',
  'expired',
  'abandoned',
] as const

/**
 * Outcome of an attempt. `accepted`, `rejected`: a response came, within or outside the accept set. `timeout`, `network_error`:
 * no response came. `blocked`, `invalid`, `unprepared`, `expired`: nothing was sent. `abandoned`: the worker's lease expired
 * before it reported; the request may have been sent.
 */
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number]

/** Facts of an attempt, besides its outcome. */
export interface AttemptFacts {
  durationMs: number
  /** Status of the response; null if there was none. */
  status: number | null
  /** Response headers as received, in order. */
  headers: HeaderPairs | null
  /** Response body as received, up to `maxResponseBytes`. */
  body: Uint8Array | null
  /** True if more was received than is stored. */
  bodyTruncated: boolean
  /** Bytes of response body received. */
  bodySize: number | null
  /** Error code: `connection_refused`, `dns_error`, `timeout`, `tls_error`, `address_blocked`, … */
  errorCode: string | null
  errorMessage: string | null
  /** IP address of the connection. */
  remoteAddress: string | null
}

/** Result of an attempt, as the sender reports it. */
export interface Delivery extends AttemptFacts {
  /** What the renderer made of the request. */
  rendered?: RenderedRequest
  /** What the request's own origin did, if that is not the result: it redirected the request. */
  ofOrigin?: Delivery
  /** The receiver refused a token, which has been dropped since. */
  retryAtOnce?: true
  outcome: 'response' | 'timeout' | 'network_error' | 'blocked' | 'invalid' | 'unprepared' | 'expired' | 'abandoned'
}
