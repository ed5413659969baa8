/**
 * How the wait before the next attempt is randomized. `full`: between zero and the whole wait. `equal`: between half of the wait
 * and the whole wait. `none`: exactly the wait.
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export type BackoffJitter = 'full' | 'equal' | 'none'

/** When a request is retried, and when it fails. */
export interface RetryPolicy {
  maxAttempts: number
  baseMs: number
  factor: number
  maxMs: number
  jitter: BackoffJitter
  /** Explicit waits, one after another, the last one repeating, instead of `baseMs` and `factor`. */
  delaysMs?: readonly number[]
}

/**
 * Milliseconds to wait after the `failures`-th failed attempt in all.
 *
 * @param random - gives numbers from 0 up to but not including 1
 */
export function retryDelayMs(policy: RetryPolicy, failures: number, random: () => number): number {
  const wait = listedMs(policy.delaysMs, failures) ?? grownMs(policy, failures)
  switch (policy.jitter) {
    case 'full':
      return Math.round(wait * random())
    case 'equal':
      return Math.round(wait / 2 + (wait / 2) * random())
    case 'none':
      return Math.round(wait)
  }
}

function listedMs(delaysMs: readonly number[] = [], failures: number): number | undefined {
  return delaysMs[failures - 1] ?? delaysMs.at(-1)
}

function grownMs(policy: RetryPolicy, failures: number): number {
  // The power may be infinite, and nothing times infinity is not a number.
  const growth = Math.min(policy.factor ** (failures - 1), Number.MAX_VALUE)
  return Math.min(policy.maxMs, policy.baseMs * growth)
}
