/**
 * How the wait before the next try is spread. `full`: anywhere between nothing and the whole wait. `equal`:
 * between half and the whole wait. `none`: exactly the wait.
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export type Jitter = 'full' | 'equal' | 'none'

/** When a request is tried again, and when it is given up. */
export interface RetryPolicy {
  maxAttempts: number
  baseMs: number
  factor: number
  maxMs: number
  jitter: Jitter
}

/**
 * Milliseconds to wait after the `failures`-th failed try in all.
 *
 * @param random - gives numbers from 0 up to but not including 1
 */
export function retryDelayMs(policy: RetryPolicy, failures: number, random: () => number): number {
  // The power may be infinite, and nothing times infinity is not a number.
  const growth = Math.min(policy.factor ** (failures - 1), Number.MAX_VALUE)
  const wait = Math.min(policy.maxMs, policy.baseMs * growth)
  switch (policy.jitter) {
    case 'full':
      return Math.round(wait * random())
    case 'equal':
      return Math.round(wait / 2 + (wait / 2) * random())
    case 'none':
      return Math.round(wait)
  }
}
