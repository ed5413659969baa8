import type { HeaderPairs } from './core/request.ts'
import type { TransportOptions } from './options.ts'

/** A request that is about to be sent, for choosing the keys that it is signed with. */
export interface SigningRequest {
  id: string
  channel: string
  method: string
  url: string
  headers: HeaderPairs
}

/** One key or several, each as `whsec_…` (HMAC-SHA256, `v1`) or `whsk_…` (ed25519, `v1a`). */
export type SigningKeys = string | readonly string[]

/**
 * Signatures as Standard Webhooks defines them, made anew for each try: `webhook-id` (the request's id),
 * `webhook-timestamp` and `webhook-signature`. The keys stay in memory.
 *
 * @see https://www.standardwebhooks.com
 */
export interface SigningOptions {
  /**
   * The keys to sign with, at least one. Each adds a signature, so that receivers may change from one key to another in
   * their own time. A function chooses them for each request, and has the request's `timeoutMs` for it.
   */
  keys: SigningKeys | ((request: SigningRequest) => SigningKeys | Promise<SigningKeys>)
}

/** What differs for one channel. */
export interface ChannelOptions extends TransportOptions {
  /** Sign what is sent. @default not signed */
  signing?: SigningOptions
}

export const CHANNEL_KEYS = ['tls', 'proxy', 'signing'] as const
