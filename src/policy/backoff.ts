import { MAX_TIMER_MS } from '../check/bounds.ts'
import { checkKeys, checkObject, checkOneOf } from '../check/check.ts'
import { checkDuration, type Duration } from '../check/duration.ts'
import { InvalidInputError } from '../errors.ts'
import type { BackoffJitter, RetryPolicy } from './retry-policy.ts'

/** The wait between attempts. */
export interface BackoffOptions {
  /** Wait after the first failed attempt, 0 to 24 days. Excludes `delays`. @default '1s' */
  base?: Duration
  /** Factor by which the wait grows after each further failed attempt; 1 to 1000. Excludes `delays`. @default 2 */
  factor?: number
  /** Longest wait, 0 to 24 days; also the limit for what a `Retry-After` header may ask for. @default '1h' */
  max?: Duration
  /** How the wait is randomized, so that many requests do not return at once. @default 'full' */
  jitter?: BackoffJitter
  /**
   * Explicit waits, one after another, instead of `base` and `factor`: up to 100, each 0 to 24 days; the last one repeats. `max`
   * then limits only `Retry-After`. @default []: none
   */
  delays?: readonly Duration[]
}

const MAX_DELAYS = 100

/**
 * Returns `base` with the given options applied. `base` or `factor` replaces a list of delays.
 *
 * @throws {@link InvalidInputError} if an option is invalid
 */
export function resolveBackoff(field: string, backoff: BackoffOptions | undefined, base: RetryPolicy): RetryPolicy {
  if (backoff === undefined) return base
  checkObject(field, backoff)
  checkKeys(field, backoff, ['base', 'factor', 'max', 'jitter', 'delays'])
  const { base: first, factor = base.factor, max, jitter = base.jitter } = backoff
  if (typeof factor !== 'number' || !(factor >= 1 && factor <= 1000)) {
    throw new InvalidInputError(`${field}.factor`, factor, 'a number from 1 to 1000')
  }
  const delaysMs = resolveDelays(field, backoff, base)
  return {
    maxAttempts: base.maxAttempts,
    // What was there is not checked: a row that was written by hand may say more than an option can.
    baseMs: first === undefined ? base.baseMs : checkDuration(`${field}.base`, first, 0, MAX_TIMER_MS),
    factor,
    maxMs: max === undefined ? base.maxMs : checkDuration(`${field}.max`, max, 0, MAX_TIMER_MS),
    jitter: checkOneOf(`${field}.jitter`, jitter, ['full', 'equal', 'none']),
    ...(delaysMs.length > 0 && { delaysMs }),
  }
}

function resolveDelays(field: string, backoff: BackoffOptions, base: RetryPolicy): readonly number[] {
  const { delays } = backoff
  const grows = backoff.base !== undefined || backoff.factor !== undefined
  if (delays === undefined) return grows ? [] : (base.delaysMs ?? [])
  if (!Array.isArray(delays) || delays.length > MAX_DELAYS) {
    const expected = `a list of at most ${MAX_DELAYS} durations, such as ['5s', '5m', '30m']`
    throw new InvalidInputError(`${field}.delays`, delays, expected)
  }
  if (grows && delays.length > 0) {
    throw new InvalidInputError(`${field}.delays`, delays, 'omitted when `base` or `factor` is given')
  }
  // A hole in a list would not be looked at by map().
  return Array.from(delays, (wait: unknown, index) => checkDuration(`${field}.delays[${index}]`, wait, 0, MAX_TIMER_MS))
}
