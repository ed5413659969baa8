import { type AcceptRule, type AcceptSet, parseAcceptRule } from './core/accept.ts'
import { checkBoolean, checkInteger, checkKeys, checkObject, checkOneOf, checkText } from './core/check.ts'
import { type Retention, type RetentionOptions, resolveRetention } from './core/retention.ts'
import type { Jitter, RetryPolicy } from './core/retry-policy.ts'
import { InvalidInputError } from './errors.ts'

const DAY_MS = 86_400_000
/** The largest whole number that the columns hold. */
const MAX_INT = 2_147_483_647
/** Far beyond any deadline, near enough for Postgres to add to the present. */
export const MAX_SPAN_MS = 100 * 365 * DAY_MS

/** How long to wait between tries. */
export interface BackoffOptions {
  /** Milliseconds to wait after the first failed try. @default 1000 */
  baseMs?: number
  /** What the wait is multiplied by after every further failed try; 1 to 1000. @default 2 */
  factor?: number
  /** The longest wait in milliseconds. It also bounds what a `Retry-After` may ask for. @default 3_600_000 (an hour) */
  maxMs?: number
  /** How the wait is spread, so that many requests do not return at once. @default 'full' */
  jitter?: Jitter
}

/** What applies to each request, settable for an instance and for a single spawn. */
export interface PolicyOptions {
  /** Which responses count as success: statuses (`404`), ranges (`'400-410'`), classes (`'2xx'`). @default ['2xx'] */
  accept?: readonly AcceptRule[]
  /** How long to wait between tries. What is left out keeps the instance's value. */
  backoff?: BackoffOptions
  /** How many tries a request may take in all. @default 100_000, which no receiver outlasts */
  maxAttempts?: number
  /** Milliseconds for one whole try: connecting, headers and body; 1 to 86 400 000. @default 30_000 */
  timeoutMs?: number
  /** Give up this many milliseconds after the spawn. @default no limit */
  expiresAfterMs?: number
  /** Follow up to `max` redirects (0 to 20); the last response is the one that is judged. @default { max: 0 } */
  redirect?: { max: number }
}

/** Which addresses may be reached. */
export interface NetworkOptions {
  /**
   * What may be reached although it is not a public address on port 80 or 443: a CIDR (`'10.0.0.0/8'`), an address
   * or a host (`'billing.internal'`, `'*.internal'`), each on every port, or an address or host with one port
   * (`'127.0.0.1:8080'`, `'[::1]:8080'`). A CIDR or address speaks of what is connected to, whatever name led there; a
   * host speaks of the name, wherever it leads. This machine's own addresses count as not public. @default []
   */
  allow?: readonly string[]
  /** What may not be reached, in the same forms. It outweighs `allow`. @default [] */
  deny?: readonly string[]
}

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
}

/** Encryption of headers and bodies, of requests and responses alike, in the database. */
export interface EncryptionOptions {
  /**
   * Keys for AES-256-GCM by ids of your choice: 32 random bytes each, or their base64. Beside the current one belong all
   * with which rows are still encrypted.
   */
  keys: Readonly<Record<string, string | Uint8Array>>
  /** The id of the key that new rows are encrypted with. Workers bring older rows to it in the background. */
  current: string
}

/** Options of an instance. Everything has a default; unknown keys are refused. */
export interface RequeuestOptions extends PolicyOptions, TransportOptions {
  /** Largest request body in bytes. A stream is read to this limit. @default 1_048_576 (1 MiB) */
  maxBodyBytes?: number
  /** How many bytes of a response body are kept; the rest is not downloaded. @default 65_536 (64 KiB) */
  maxResponseBytes?: number
  /** Which addresses may be reached. @default public addresses on ports 80 and 443 */
  network?: NetworkOptions
  /** @default headers and bodies are stored as they are */
  encryption?: EncryptionOptions
  /**
   * Names of headers whose values `find()` hides, besides `authorization`, `proxy-authorization`, `cookie`, `set-cookie`
   * and `x-api-key`. @default []
   */
  redactHeaders?: readonly string[]
  /**
   * After a spawn outside of a transaction, tell workers in other processes that were started with `listen`. Costs a
   * small statement each 2 ms at most. @default false
   */
  notify?: boolean
  /** How long final requests, and bodies, are kept. @default for ever */
  retention?: RetentionOptions
  /** What differs for channels, by their name. What is left out keeps the instance's value. @default nothing */
  channels?: Readonly<Record<string, TransportOptions>>
}

/** A policy with every value filled in. */
export interface ResolvedPolicy {
  readonly accept: AcceptSet
  readonly retry: Readonly<RetryPolicy>
  readonly timeoutMs: number
  readonly expiresAfterMs: number | null
  readonly maxRedirects: number
}

/** Options with every value filled in. */
export interface ResolvedOptions {
  readonly policy: ResolvedPolicy
  readonly maxBodyBytes: number
  readonly maxResponseBytes: number
  readonly network: NetworkOptions
  readonly transport: TransportOptions
  readonly channels: Readonly<Record<string, TransportOptions>>
  readonly encryption: EncryptionOptions | undefined
  readonly redactHeaders: readonly string[]
  readonly notify: boolean
  readonly retention: Retention
}

const DEFAULT_POLICY: ResolvedPolicy = Object.freeze<ResolvedPolicy>({
  accept: ['2xx'],
  retry: { maxAttempts: 100_000, baseMs: 1000, factor: 2, maxMs: 3_600_000, jitter: 'full' },
  timeoutMs: 30_000,
  expiresAfterMs: null,
  maxRedirects: 0,
})

export const TRANSPORT_KEYS = ['tls', 'proxy'] as const
export const POLICY_KEYS = ['accept', 'backoff', 'maxAttempts', 'timeoutMs', 'expiresAfterMs', 'redirect'] as const

const OPTION_KEYS = [
  ...POLICY_KEYS,
  ...TRANSPORT_KEYS,
  'maxBodyBytes',
  'maxResponseBytes',
  'network',
  'channels',
  'encryption',
  'redactHeaders',
  'notify',
  'retention',
] as const

/** Fills in the defaults once and for all. Throws {@link InvalidInputError} for what cannot be. */
export function resolveOptions(options: RequeuestOptions = {}): ResolvedOptions {
  checkObject('options', options)
  checkKeys('options', options, OPTION_KEYS)
  const {
    maxBodyBytes = 1_048_576,
    maxResponseBytes = 65_536,
    network = {},
    channels = {},
    redactHeaders = [],
    notify = false,
  } = options
  const { tls, proxy, encryption, retention } = options
  // What the entries must be is for net/ to say.
  checkObject('options.network', network)
  checkKeys('options.network', network, ['allow', 'deny'])
  checkObject('options.channels', channels, 'an object such as { billing: { tls: { ca } } }')
  return Object.freeze({
    policy: resolvePolicy(options, DEFAULT_POLICY),
    maxBodyBytes: checkInteger('options.maxBodyBytes', maxBodyBytes, 0, 104_857_600),
    maxResponseBytes: checkInteger('options.maxResponseBytes', maxResponseBytes, 0, 104_857_600),
    network,
    transport: { ...(tls !== undefined && { tls }), ...(proxy !== undefined && { proxy }) },
    channels,
    encryption,
    redactHeaders: resolveNames('options.redactHeaders', redactHeaders),
    notify: checkBoolean('options.notify', notify),
    retention: resolveRetention(retention),
  })
}

/** A policy in which `options` says what differs from `base`. */
export function resolvePolicy(options: PolicyOptions, base: ResolvedPolicy): ResolvedPolicy {
  const { accept, backoff, expiresAfterMs, redirect } = options
  const { maxAttempts = base.retry.maxAttempts, timeoutMs = base.timeoutMs } = options
  return Object.freeze({
    accept: accept === undefined ? base.accept : resolveAccept(accept),
    retry: Object.freeze({
      ...resolveBackoff(backoff, base.retry),
      maxAttempts: checkInteger('options.maxAttempts', maxAttempts, 1, MAX_INT),
    }),
    timeoutMs: checkInteger('options.timeoutMs', timeoutMs, 1, DAY_MS),
    expiresAfterMs:
      expiresAfterMs === undefined
        ? base.expiresAfterMs
        : checkInteger('options.expiresAfterMs', expiresAfterMs, 1, MAX_SPAN_MS),
    maxRedirects: redirect === undefined ? base.maxRedirects : resolveRedirect(redirect),
  })
}

function resolveAccept(accept: readonly AcceptRule[]): AcceptSet {
  if (!Array.isArray(accept) || accept.length === 0) {
    throw new InvalidInputError('options.accept', accept, "a list of at least one status, such as ['2xx', 404]")
  }
  // A hole in a list would not be looked at by map().
  return Array.from(accept, (rule: AcceptRule, index) => {
    if (parseAcceptRule(rule)) return String(rule)
    const expected = "a final status (200 to 999), a range ('400-410') or a class ('2xx' to '5xx')"
    throw new InvalidInputError(`options.accept[${index}]`, rule, expected)
  })
}

function resolveBackoff(backoff: BackoffOptions | undefined, base: RetryPolicy): RetryPolicy {
  if (backoff === undefined) return base
  checkObject('options.backoff', backoff)
  checkKeys('options.backoff', backoff, ['baseMs', 'factor', 'maxMs', 'jitter'])
  const { baseMs = base.baseMs, factor = base.factor, maxMs = base.maxMs, jitter = base.jitter } = backoff
  if (typeof factor !== 'number' || !(factor >= 1 && factor <= 1000)) {
    throw new InvalidInputError('options.backoff.factor', factor, 'a number from 1 to 1000')
  }
  return {
    ...base,
    baseMs: checkInteger('options.backoff.baseMs', baseMs, 0, MAX_INT),
    factor,
    maxMs: checkInteger('options.backoff.maxMs', maxMs, 0, MAX_INT),
    jitter: checkOneOf('options.backoff.jitter', jitter, ['full', 'equal', 'none']),
  }
}

function resolveNames(field: string, names: readonly string[]): readonly string[] {
  if (!Array.isArray(names)) throw new InvalidInputError(field, names, "a list of header names such as ['x-token']")
  return Array.from(names, (name: unknown, index) => checkText(`${field}[${index}]`, name, 200).toLowerCase())
}

function resolveRedirect(redirect: { max: number }): number {
  checkObject('options.redirect', redirect)
  checkKeys('options.redirect', redirect, ['max'])
  return checkInteger('options.redirect.max', redirect.max, 0, 20)
}
