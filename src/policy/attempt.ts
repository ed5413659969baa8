import type { HeaderPairs } from '../message/message.ts'
import type { RenderedRequest } from '../message/rendering.ts'

/**
 * How one attempt ended. `accepted` and `rejected`: a response came, in or out of the accept set. `timeout`,
 * `network_error`: none came. `blocked`, `invalid`, `unprepared`, `expired`: nothing was sent. `abandoned`: the worker's
 * lease ran out before it reported; the request may have been sent.
 */
export type AttemptOutcome =
  | 'accepted'
  | 'rejected'
  | 'timeout'
  | 'network_error'
  | 'blocked'
  | 'invalid'
  | 'unprepared'
  | 'expired'
  | 'abandoned'

/** What is known of one attempt, besides how it ended. */
export interface AttemptFacts {
  durationMs: number
  /** Status of the response, if one came. */
  status: number | null
  /** Response headers in the order of the wire. */
  headers: HeaderPairs | null
  /** The response body as it came, up to `maxResponseBytes`. */
  body: Uint8Array | null
  /** True when more came than was kept. */
  bodyTruncated: boolean
  /** Bytes of response body that were seen. */
  bodySize: number | null
  /** What went wrong: `connection_refused`, `dns_error`, `timeout`, `tls_error`, `address_blocked`, … */
  errorCode: string | null
  errorMessage: string | null
  /** The address that was connected to. */
  remoteAddress: string | null
}

/** What a sender found out in one attempt. */
export interface Delivery extends AttemptFacts {
  /** What was made of a request that has a renderer. */
  rendered?: RenderedRequest
  /** What the request's own origin did, if that is not the result: it redirected the request. */
  ofOrigin?: Delivery
  /** It was refused for a token that has been dropped since. */
  retryAtOnce?: true
  outcome: 'response' | 'timeout' | 'network_error' | 'blocked' | 'invalid' | 'unprepared' | 'expired' | 'abandoned'
}
