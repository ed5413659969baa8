import { hidden, InvalidInputError } from '../errors.ts'
import type { HeaderPairs } from '../message/message.ts'
import type { AttemptDecider } from '../policy/verdict.ts'

/** Certificates for connections by TLS. That they are verified cannot be switched off. */
export interface TlsOptions {
  /**
   * Whose certificates to trust, as PEM: one, a bundle or a list. They are trusted *instead of* the usual authorities;
   * `tls.rootCertificates` of Node are those. @default the usual authorities
   */
  ca?: string | Uint8Array | readonly (string | Uint8Array)[]
  /** The certificate chain to show to receivers that ask for one, as PEM. Needs `key`. @default none */
  cert?: string | Uint8Array
  /** The private key of `cert`, as PEM. @default none */
  key?: string | Uint8Array
  /** What `key` is encrypted with. @default it is not */
  passphrase?: string
}

/** How receivers are connected to. */
export interface TransportOptions {
  /** Private authorities, and certificates of our own. @default the usual authorities, no certificate */
  tls?: TlsOptions
  /**
   * The http or https URL of a proxy, with user and password if it asks for them. Every request is sent through a
   * tunnel that is opened with CONNECT (RFC 9110 section 9.3.6), to http receivers as well. Null for none. Proxies in
   * the environment are not used.
   *
   * The proxy looks names up, so the network rules see the name, the port and addresses that are written out, but not
   * what a name leads to: take a proxy that refuses inner addresses. @default null
   */
  proxy?: string | URL | null
  /**
   * Whether a connection may be used for more than one request. An HTTP/1.1 answer names no request: a receiver that sends two
   * where one was asked for can have the second one taken for the answer to the next request on that connection. False: each
   * request has a connection of its own, and pays for it. @default true
   */
  keepAlive?: boolean
}

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
 * Signatures as Standard Webhooks defines them, made anew for each attempt: `webhook-id` (the request's id),
 * `webhook-timestamp` and `webhook-signature`. The keys stay in memory.
 *
 * @see https://www.standardwebhooks.com
 */
export interface SigningOptions {
  /**
   * The keys to sign with, at least one. Each adds a signature, so that receivers may change from one key to another in
   * their own time. A function chooses them for each request, and has the request's `timeout` for it.
   */
  keys: SigningKeys | ((request: SigningRequest) => SigningKeys | Promise<SigningKeys>)
}

/** What differs for one channel. */
export interface ChannelOptions extends TransportOptions {
  /** Sign what is sent. @default not signed */
  signing?: SigningOptions
  /**
   * Judges each attempt of this channel in the process that made it: `'deliver'` (a success; there must be a response),
   * `'retry'` (when the request's policy says), `{ retryIn }` (after that {@link Duration}, up to 24 days), `'fail'`, or nothing, which leaves it to the
   * request's own rules. `retry.maxAttempts` and the expiry hold all the same. What it throws is an `error` event, and the
   * request's rules decide. @default the request's rules decide
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
