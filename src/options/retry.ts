import { MAX_INT } from '../check/bounds.ts'
import { checkInteger, checkKeys, checkObject } from '../check/check.ts'
import { type BackoffOptions, resolveBackoff } from '../policy/backoff.ts'
import { checkOnStatus, type StatusRules } from '../policy/on-status.ts'
import type { RetryPolicy } from '../policy/retry-policy.ts'

/** When a request is retried, and when it fails. Omitted options keep the preset's or the instance's value. */
export interface RetryOptions {
  /**
   * How many attempts a request may take in all: 1 to 2 147 483 647, or `Infinity`, which is stored as that number.
   * @default Infinity: until it is accepted, expires, is cancelled or fails by `onStatus`
   */
  maxAttempts?: number
  /** The wait between attempts. @default exponential from 1 s to 1 h with full jitter */
  backoff?: BackoffOptions
  /**
   * Actions for statuses that are not accepted, by status, range or class: `'retry'`, `'fail'`, or a backoff of their own.
   * Merged with the rules of the preset or the instance. @default {}: each of them is retried
   */
  onStatus?: StatusRules
}

/** What the options say of attempts, with every value filled in. */
export interface ResolvedRetry {
  readonly retry: Readonly<RetryPolicy>
  readonly onStatus: StatusRules
}

/** Returns `base` with the given options applied. Throws {@link InvalidInputError} if an option is invalid. */
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
