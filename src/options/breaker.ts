import { DAY_MS } from '../check/bounds.ts'
import { checkInteger, checkKeys, checkObject } from '../check/check.ts'
import { checkDuration, type Duration } from '../check/duration.ts'
import { InvalidInputError } from '../errors.ts'
import type { BreakerPolicy } from '../policy/breaker.ts'

/** When the circuit breaker of an origin opens, and for how long. Each worker counts its own requests; an open breaker holds for all workers. */
export interface BreakerOptions {
  /** Failure ratio at which the breaker opens; above 0, at most 1. @default 0.5 */
  failureRate?: number
  /** Minimum number of requests that a worker has sent to the origin within `window`; 1 to 1 000 000. @default 20 */
  minRequests?: number
  /** Time over which failures are counted; 1 ms to a day. @default '10s' */
  window?: Duration
  /** Time until one request probes the origin, 1 ms to a day; doubled each time the probe fails. @default '5s' */
  openFor?: Duration
  /** Upper limit of that time; from `openFor` to a day. @default '1m' */
  maxOpenFor?: Duration
}

const DEFAULT_BREAKER: Required<BreakerOptions> = Object.freeze({
  failureRate: 0.5,
  minRequests: 20,
  window: '10s',
  openFor: '5s',
  maxOpenFor: '1m',
})

/** Returns null for `false`. Throws {@link InvalidInputError} if an option is invalid. */
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
