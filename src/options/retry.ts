import { MAX_INT } from '../check/bounds.ts'
import { checkInteger, checkKeys, checkObject } from '../check/check.ts'
import { type BackoffOptions, resolveBackoff } from '../policy/backoff.ts'
import { checkOnStatus, type StatusRules } from '../policy/on-status.ts'
import type { RetryPolicy } from '../policy/retry-policy.ts'

/** When a request is retried, and when it is given up. What is left out keeps the instance's or the preset's value. */
export interface RetryOptions {
  /**
   * How many attempts a request may take in all: 1 to 2 147 483 647, which is how `Infinity` is stored, or `Infinity`.
   * @default Infinity: it ends when it is accepted, expires, is cancelled, or `onStatus` says so
   */
  maxAttempts?: number
  /** How long to wait between attempts. @default exponential from 1 s to 1 h with full jitter */
  backoff?: BackoffOptions
  /**
   * What statuses that are not accepted mean: `'retry'`, `'fail'`, or a backoff of their own, by status, range or class. Added
   * to what the instance or the preset says. @default {}: every one means another attempt
   */
  onStatus?: StatusRules
}

/** What the options say of attempts, with every value filled in. */
export interface ResolvedRetry {
  readonly retry: Readonly<RetryPolicy>
  readonly onStatus: StatusRules
}

/** The terms in which `retry` says what differs from `base`. Throws {@link InvalidInputError} for what cannot be. */
export function resolveRetry(retry: RetryOptions | undefined, base: ResolvedRetry): ResolvedRetry {
  if (retry === undefined) return { retry: base.retry, onStatus: base.onStatus }
  checkObject('options.retry', retry, "an object such as { maxAttempts: 5, backoff: { base: '1s' } }")
  checkKeys('options.retry', retry, ['maxAttempts', 'backoff', 'onStatus'])
  const { maxAttempts, backoff, onStatus } = retry
  return {
    retry: Object.freeze({
      ...resolveBackoff('options.retry.backoff', backoff, base.retry),
      ...(maxAttempts !== undefined && { maxAttempts: checkMaxAttempts('options.retry.maxAttempts', maxAttempts) }),
    }),
    onStatus: onStatus === undefined ? base.onStatus : mergeOnStatus(base.onStatus, onStatus),
  }
}

/** A number of attempts as it is stored. No receiver outlasts the largest. */
export function checkMaxAttempts(field: string, value: unknown): number {
  return value === Number.POSITIVE_INFINITY ? MAX_INT : checkInteger(field, value, 1, MAX_INT, ', or Infinity')
}

/** What is given is checked by itself before it is added, so that an error names what was given. */
function mergeOnStatus(base: StatusRules, onStatus: StatusRules): StatusRules {
  const merged = { ...base, ...checkOnStatus('options.retry.onStatus', onStatus) }
  // A copy in depth: what was passed in may change later.
  return structuredClone(checkOnStatus('options.retry.onStatus', merged))
}
