import { DAY_MS, MAX_INT, MAX_SPAN_MS } from '../check/bounds.ts'
import { checkInteger, checkOneOf } from '../check/check.ts'
import { checkDuration, type Duration } from '../check/duration.ts'
import { InvalidInputError } from '../errors.ts'
import { type AcceptRule, type AcceptSet, parseAcceptRule } from '../policy/accept.ts'
import { type PolicyPreset, PRESETS } from '../policy/presets.ts'
import { type ResolvedRetry, type RetryOptions, resolveRetry } from './retry.ts'

/** Delivery policy of a request. Settable for an instance and for a single spawn. */
export interface PolicyOptions {
  /** Which responses count as success: statuses (`404`), ranges (`'400-410'`), classes (`'2xx'`). @default ['2xx'] */
  accept?: readonly AcceptRule[]
  /** When a request is retried, and when it fails. Omitted options keep the instance's value. */
  retry?: RetryOptions
  /**
   * Defaults for a kind of receiver, which other options override. `'webhook'`: as Standard Webhooks recommends; `'api'`: a 4xx
   * fails at once, except 408, 409, 425 and 429. @default none
   */
  preset?: PolicyPreset
  /** Timeout of a whole attempt: connecting, headers and body; 1 ms to a day. @default '30s' */
  timeout?: Duration
  /** The request expires this long after the spawn; 1 ms to 100 years. @default no limit */
  expiresAfter?: Duration
  /** How many redirects an attempt follows, 0 to 20; the last response is judged. @default 0 */
  maxRedirects?: number
}

/** A policy with every value filled in. */
export interface ResolvedPolicy extends ResolvedRetry {
  readonly accept: AcceptSet
  readonly timeoutMs: number
  readonly expiresAfterMs: number | null
  readonly maxRedirects: number
}

export const DEFAULT_POLICY: ResolvedPolicy = Object.freeze<ResolvedPolicy>({
  accept: ['2xx'],
  retry: { maxAttempts: MAX_INT, baseMs: 1000, factor: 2, maxMs: 3_600_000, jitter: 'full' },
  onStatus: {},
  timeoutMs: 30_000,
  expiresAfterMs: null,
  maxRedirects: 0,
})

export const POLICY_KEYS = ['accept', 'retry', 'preset', 'timeout', 'expiresAfter', 'maxRedirects'] as const

/** Returns the instance's policy with the given options applied. Throws {@link InvalidInputError} if an option is invalid. */
export function resolvePolicy(options: PolicyOptions, instance: ResolvedPolicy): ResolvedPolicy {
  const { accept, retry, preset, timeout, expiresAfter, maxRedirects } = options
  const base = preset === undefined ? instance : { ...instance, ...PRESETS[checkPreset(preset)] }
  return Object.freeze({
    accept: accept === undefined ? base.accept : resolveAccept(accept),
    ...resolveRetry(retry, base),
    timeoutMs: timeout === undefined ? base.timeoutMs : checkDuration('options.timeout', timeout, 1, DAY_MS),
    expiresAfterMs:
      expiresAfter === undefined
        ? base.expiresAfterMs
        : checkDuration('options.expiresAfter', expiresAfter, 1, MAX_SPAN_MS),
    maxRedirects:
      maxRedirects === undefined ? base.maxRedirects : checkInteger('options.maxRedirects', maxRedirects, 0, 20),
  })
}

function checkPreset(preset: PolicyPreset): PolicyPreset {
  return checkOneOf('options.preset', preset, Object.keys(PRESETS) as PolicyPreset[])
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
