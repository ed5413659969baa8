import { DAY_MS } from '../check/bounds.ts'
import { checkInteger, checkKeys, checkObject } from '../check/check.ts'
import { checkDuration, type Duration } from '../check/duration.ts'
import { InvalidInputError } from '../errors.ts'
import type { BreakerPolicy } from '../policy/breaker.ts'

/** When a receiver that fails is left alone, and for how long. Each worker counts for itself; what it decides holds for all. */
export interface BreakerOptions {
  /** Which part of the requests has to fail; above 0, at most 1. @default 0.5 */
  failureRate?: number
  /** How many requests a worker must have sent to the receiver in `window`; 1 to 1 000 000. @default 20 */
  minRequests?: number
  /** Over how long failures are counted; 1 ms to a day. @default '10s' */
  window?: Duration
  /** How long until one request is let through, 1 ms to a day; twice as long each time that fails. @default '5s' */
  openFor?: Duration
  /** The longest that may become; from `openFor` to a day. @default '1m' */
  maxOpenFor?: Duration
}

const DEFAULT_BREAKER: Required<BreakerOptions> = Object.freeze({
  failureRate: 0.5,
  minRequests: 20,
  window: '10s',
  openFor: '5s',
  maxOpenFor: '1m',
})

/** Null for none. Throws {@link InvalidInputError} for what cannot be. */
export function resolveBreaker(breaker: BreakerOptions | false): BreakerPolicy | null {
  if (breaker === false) return null
  checkObject('options.breaker', breaker, 'an object such as { failureRate: 0.5 }, or false')
  checkKeys('options.breaker', breaker, Object.keys(DEFAULT_BREAKER))
  const given = Object.fromEntries(Object.entries(breaker).filter(([, value]) => value !== undefined))
  const { failureRate, minRequests, window, openFor, maxOpenFor }: Required<BreakerOptions> = {
    ...DEFAULT_BREAKER,
    ...given,
  }
  if (typeof failureRate !== 'number' || !(failureRate > 0 && failureRate <= 1))
    throw new InvalidInputError('options.breaker.failureRate', failureRate, 'a number above 0 and up to 1')
  const policy = {
    failureRate,
    minRequests: checkInteger('options.breaker.minRequests', minRequests, 1, 1_000_000),
    windowMs: checkDuration('options.breaker.window', window, 1, DAY_MS),
    openMs: checkDuration('options.breaker.openFor', openFor, 1, DAY_MS),
    maxOpenMs: checkDuration('options.breaker.maxOpenFor', maxOpenFor, 1, DAY_MS),
  }
  if (policy.openMs > policy.maxOpenMs)
    throw new InvalidInputError('options.breaker.openFor', openFor, `at most \`maxOpenFor\`, which is ${maxOpenFor}`)
  return Object.freeze(policy)
}
