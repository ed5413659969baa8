import type { HeaderPairs } from './request.ts'

/**
 * How one try ended. `accepted` and `rejected`: a response came, in or out of the accept set. `timeout`,
 * `network_error`: none came. `blocked`, `invalid`, `expired`: nothing was sent. `abandoned`: the worker's lease
 * ran out before it reported; the request may have been sent.
 */
export type AttemptOutcome =
  | 'accepted'
  | 'rejected'
  | 'timeout'
  | 'network_error'
  | 'blocked'
  | 'invalid'
  | 'expired'
  | 'abandoned'

/** What a sender found out in one try. */
export interface Delivery {
  outcome: 'response' | 'timeout' | 'network_error' | 'blocked' | 'invalid' | 'expired' | 'abandoned'
  durationMs: number
  status: number | null
  headers: HeaderPairs | null
  body: Uint8Array | null
  bodyTruncated: boolean
  /** Bytes of response body that were seen. */
  bodySize: number | null
  errorCode: string | null
  errorMessage: string | null
  remoteAddress: string | null
}
