import { type BreakerOptions, resolveBreaker } from './breaker-options.ts'
import { type ChannelOptions, resolveDeciders, type TransportOptions } from './channel-options.ts'
import { type AcceptRule, type AcceptSet, parseAcceptRule } from './core/accept.ts'
import { type BackoffOptions, resolveBackoff } from './core/backoff.ts'
import type { BreakerPolicy } from './core/breaker.ts'
import { checkBoolean, checkInteger, checkKeys, checkObject, checkOneOf, checkText } from './core/check.ts'
import { checkOnStatus, type OnStatus } from './core/on-status.ts'
import { PRESETS, type PresetName } from './core/presets.ts'
import { type Retention, type RetentionOptions, resolveRetention } from './core/retention.ts'
import type { RetryPolicy } from './core/retry-policy.ts'
import type { Decide } from './core/verdict.ts'
import { InvalidInputError } from './errors.ts'

export {
  CHANNEL_KEYS,
  type ChannelOptions,
  type SigningKeys,
  type SigningOptions,
  type SigningRequest,
  type TlsOptions,
  type TransportOptions,
} from './channel-options.ts'

const DAY_MS = 86_400_000
/** The largest whole number that the columns hold. */
export const MAX_INT = 2_147_483_647
/** Far beyond any deadline, near enough for Postgres to add to the present. */
export const MAX_SPAN_MS = 100 * 365 * DAY_MS

/** What applies to each request, settable for an instance and for a single spawn. */
export interface PolicyOptions {
  /** Which responses count as success: statuses (`404`), ranges (`'400-410'`), classes (`'2xx'`). @default ['2xx'] */
  accept?: readonly AcceptRule[]
  /** How long to wait between tries. What is left out keeps the instance's value. */
  backoff?: BackoffOptions
  /**
   * What statuses that are not accepted mean: `'retry'`, `'fail'`, or a backoff of their own, by status, range or class. Added
   * to what the instance or the preset says. @default {}: every one means another try
   */
  onStatus?: OnStatus
  /**
   * Values that fit a kind of receiver, unless other options say otherwise. `'webhook'`: as Standard Webhooks recommends;
   * `'api'`: a 4xx fails at once but for 408, 409, 425 and 429. @default none
   */
  preset?: PresetName
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
  /**
   * A receiver of which too many requests fail (no answer, a 5xx or 429), or that answers 429 or 503 with `Retry-After`,
   * is sent nothing for a while; its requests wait with their tries unspent. False: each request goes by its own backoff
   * alone. @default half of at least 20 requests in 10 s
   */
  breaker?: BreakerOptions | false
  /** What differs for channels, by their name. What is left out keeps the instance's value. @default nothing */
  channels?: Readonly<Record<string, ChannelOptions>>
}

/** A policy with every value filled in. */
export interface ResolvedPolicy {
  readonly accept: AcceptSet
  readonly retry: Readonly<RetryPolicy>
  readonly onStatus: OnStatus
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
  readonly channels: Readonly<Record<string, ChannelOptions>>
  readonly deciders: ReadonlyMap<string, Decide>
  readonly encryption: EncryptionOptions | undefined
  readonly redactHeaders: readonly string[]
  readonly notify: boolean
  readonly retention: Retention
  /** Null for none. */
  readonly breaker: BreakerPolicy | null
}

const DEFAULT_POLICY: ResolvedPolicy = Object.freeze<ResolvedPolicy>({
  accept: ['2xx'],
  retry: { maxAttempts: 100_000, baseMs: 1000, factor: 2, maxMs: 3_600_000, jitter: 'full' },
  onStatus: {},
  timeoutMs: 30_000,
  expiresAfterMs: null,
  maxRedirects: 0,
})

const TRANSPORT_KEYS = ['tls', 'proxy'] as const
export const POLICY_KEYS = [
  'accept',
  'backoff',
  'onStatus',
  'preset',
  'maxAttempts',
  'timeoutMs',
  'expiresAfterMs',
  'redirect',
] as const

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
  'breaker',
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
    breaker = {},
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
    deciders: resolveDeciders(channels),
    encryption,
    redactHeaders: resolveNames('options.redactHeaders', redactHeaders),
    notify: checkBoolean('options.notify', notify),
    retention: resolveRetention(retention),
    breaker: resolveBreaker(breaker),
  })
}

/** A policy in which `options` says what differs from the instance's. */
export function resolvePolicy(options: PolicyOptions, instance: ResolvedPolicy): ResolvedPolicy {
  const { accept, backoff, onStatus, preset, expiresAfterMs, redirect } = options
  const base = preset === undefined ? instance : { ...instance, ...PRESETS[checkPreset(preset)] }
  const { maxAttempts = base.retry.maxAttempts, timeoutMs = base.timeoutMs } = options
  return Object.freeze({
    accept: accept === undefined ? base.accept : resolveAccept(accept),
    retry: Object.freeze({
      ...resolveBackoff('options.backoff', backoff, base.retry),
      maxAttempts: checkInteger('options.maxAttempts', maxAttempts, 1, MAX_INT),
    }),
    onStatus: onStatus === undefined ? base.onStatus : mergeOnStatus(base.onStatus, onStatus),
    timeoutMs: checkInteger('options.timeoutMs', timeoutMs, 1, DAY_MS),
    expiresAfterMs:
      expiresAfterMs === undefined
        ? base.expiresAfterMs
        : checkInteger('options.expiresAfterMs', expiresAfterMs, 1, MAX_SPAN_MS),
    maxRedirects: redirect === undefined ? base.maxRedirects : resolveRedirect(redirect),
  })
}

function checkPreset(preset: PresetName): PresetName {
  return checkOneOf('options.preset', preset, Object.keys(PRESETS) as PresetName[])
}

/** What is given is checked by itself before it is added, so that an error names what was given. */
function mergeOnStatus(base: OnStatus, onStatus: OnStatus): OnStatus {
  const merged = { ...base, ...checkOnStatus('options.onStatus', onStatus) }
  // A copy in depth: what was passed in may change later.
  return structuredClone(checkOnStatus('options.onStatus', merged))
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

function resolveNames(field: string, names: readonly string[]): readonly string[] {
  if (!Array.isArray(names)) throw new InvalidInputError(field, names, "a list of header names such as ['x-token']")
  return Array.from(names, (name: unknown, index) => checkText(`${field}[${index}]`, name, 200).toLowerCase())
}

function resolveRedirect(redirect: { max: number }): number {
  checkObject('options.redirect', redirect)
  checkKeys('options.redirect', redirect, ['max'])
  return checkInteger('options.redirect.max', redirect.max, 0, 20)
}
