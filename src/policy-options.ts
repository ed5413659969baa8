import { type AcceptRule, type AcceptSet, parseAcceptRule } from './core/accept.ts'
import { type BackoffOptions, resolveBackoff } from './core/backoff.ts'
import { DAY_MS, MAX_INT, MAX_SPAN_MS } from './core/bounds.ts'
import { checkInteger, checkKeys, checkObject, checkOneOf } from './core/check.ts'
import { checkOnStatus, type OnStatus } from './core/on-status.ts'
import { PRESETS, type PresetName } from './core/presets.ts'
import type { RetryPolicy } from './core/retry-policy.ts'
import { InvalidInputError } from './errors.ts'

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

/** A policy with every value filled in. */
export interface ResolvedPolicy {
  readonly accept: AcceptSet
  readonly retry: Readonly<RetryPolicy>
  readonly onStatus: OnStatus
  readonly timeoutMs: number
  readonly expiresAfterMs: number | null
  readonly maxRedirects: number
}

export const DEFAULT_POLICY: ResolvedPolicy = Object.freeze<ResolvedPolicy>({
  accept: ['2xx'],
  retry: { maxAttempts: 100_000, baseMs: 1000, factor: 2, maxMs: 3_600_000, jitter: 'full' },
  onStatus: {},
  timeoutMs: 30_000,
  expiresAfterMs: null,
  maxRedirects: 0,
})

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

function resolveRedirect(redirect: { max: number }): number {
  checkObject('options.redirect', redirect)
  checkKeys('options.redirect', redirect, ['max'])
  return checkInteger('options.redirect.max', redirect.max, 0, 20)
}
