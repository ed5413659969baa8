import { hidden, InvalidInputError } from '../errors.ts'
import type { HeaderPairs } from '../message/message.ts'
import type { AttemptDecider } from '../policy/verdict.ts'

/** Certificates for TLS connections. Verification cannot be switched off. */
export interface TlsOptions {
  /**
   * Certificate authorities to trust, as PEM: one, a bundle or a list. They *replace* the usual authorities, which are Node's
   * `tls.rootCertificates`. @default the usual authorities
   */
  ca?: string | Uint8Array | readonly (string | Uint8Array)[]
  /** Client certificate chain, as PEM, for receivers that ask for one. Requires `key`. @default none */
  cert?: string | Uint8Array
  /** Private key of `cert`, as PEM. @default none */
  key?: string | Uint8Array
  /** Passphrase of an encrypted `key`. @default none: `key` is not encrypted */
  passphrase?: string
}

/** How receivers are reached. */
export interface TransportOptions {
  /** Private authorities and client certificates. @default the usual authorities, no client certificate */
  tls?: TlsOptions
  /**
   * The http or https URL of a proxy, with user and password if it needs them; null for none. Every request, to http
   * receivers as well, is sent through a CONNECT tunnel (RFC 9110 section 9.3.6). Proxy environment variables are ignored.
   *
   * The proxy resolves names, so the network rules see names, ports and literal addresses, but not the address that a name
   * resolves to: use a proxy that refuses internal addresses. @default null
   */
  proxy?: string | URL | null
  /**
   * Whether connections are reused. An HTTP/1.1 response does not name its request: if a receiver sends two responses to one
   * request, the second can be taken for the response to the next request on the connection. False: each request opens a
   * connection of its own, which costs time. @default true
   */
  keepAlive?: boolean
}

/** A request that is about to be sent, as a function that chooses signing keys receives it. */
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
 * Signatures as Standard Webhooks defines them, made anew for each attempt: `webhook-id` (the request's id),
 * `webhook-timestamp` and `webhook-signature`. The keys stay in memory.
 *
 * @see https://www.standardwebhooks.com
 */
export interface SigningOptions {
  /**
   * The keys to sign with, at least one. Each adds a signature, so that receivers can rotate keys in their own time. A
   * function chooses the keys of each request, within the request's `timeout`.
   */
  keys: SigningKeys | ((request: SigningRequest) => SigningKeys | Promise<SigningKeys>)
}

/** Options of one channel. */
export interface ChannelOptions extends TransportOptions {
  /** Signs the requests of the channel. @default not signed */
  signing?: SigningOptions
  /**
   * Judges each attempt of the channel, in the process that made it. Returns `'deliver'` (success; requires a response),
   * `'retry'` (after the request's backoff), `{ retryIn }` (after that {@link Duration}, up to 24 days), `'fail'`, or nothing
   * to leave it to the request's rules. `retry.maxAttempts` and the expiry still apply. If it throws, an `error` event is
   * emitted and the request's rules decide. @default the request's rules decide
   */
  decide?: AttemptDecider
}

export const CHANNEL_KEYS = ['tls', 'proxy', 'keepAlive', 'signing', 'decide'] as const

/** The channels whose requests are signed. */
export function signedChannels(channels: Readonly<Record<string, ChannelOptions>>): ReadonlySet<string> {
  return new Set(Object.keys(channels).filter((channel) => channels[channel]?.signing !== undefined))
}

/** The channels that have a function to judge attempts. */
export function resolveDeciders(
  channels: Readonly<Record<string, ChannelOptions>>,
): ReadonlyMap<string, AttemptDecider> {
  return new Map(
    Object.entries(channels).flatMap(([channel, of]): [string, AttemptDecider][] => {
      const decide: unknown = of?.decide
      if (decide === undefined) return []
      if (typeof decide === 'function') return [[channel, decide as AttemptDecider]]
      const expected = "a function that returns 'deliver', 'retry', 'fail', { retryIn } or nothing"
      throw new InvalidInputError(`options.channels.${channel}.decide`, hidden(decide), expected)
    }),
  )
}
