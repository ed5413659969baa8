import type { BreakerPolicy } from './core/breaker.ts'
import { checkInteger, checkKeys, checkObject } from './core/check.ts'
import { InvalidInputError } from './errors.ts'

const DAY_MS = 86_400_000

/** When a receiver that fails is left alone, and for how long. Each worker counts for itself; what it decides holds for all. */
export interface BreakerOptions {
  /** Which part of the requests has to fail; above 0, at most 1. @default 0.5 */
  failureRate?: number
  /** How many requests a worker must have sent to the receiver in `windowMs`; 1 to 1 000 000. @default 20 */
  minRequests?: number
  /** Over how many milliseconds failures are counted; up to a day. @default 10_000 */
  windowMs?: number
  /** Milliseconds until one request is let through; twice as long each time that fails. @default 5_000 */
  openMs?: number
  /** The longest that may become, in milliseconds; from `openMs` up to a day. @default 60_000 */
  maxOpenMs?: number
}

const DEFAULT_BREAKER: BreakerPolicy = Object.freeze({
  failureRate: 0.5,
  minRequests: 20,
  windowMs: 10_000,
  openMs: 5000,
  maxOpenMs: 60_000,
})

/** Null for none. Throws {@link InvalidInputError} for what cannot be. */
export function resolveBreaker(breaker: BreakerOptions | false): BreakerPolicy | null {
  if (breaker === false) return null
  checkObject('options.breaker', breaker, 'an object such as { failureRate: 0.5 }, or false')
  checkKeys('options.breaker', breaker, Object.keys(DEFAULT_BREAKER))
  const given = Object.fromEntries(Object.entries(breaker).filter(([, value]) => value !== undefined))
  const { failureRate, minRequests, windowMs, openMs, maxOpenMs }: BreakerPolicy = { ...DEFAULT_BREAKER, ...given }
  if (typeof failureRate !== 'number' || !(failureRate > 0 && failureRate <= 1))
    throw new InvalidInputError('options.breaker.failureRate', failureRate, 'a number above 0 and up to 1')
  const policy = {
    failureRate,
    minRequests: checkInteger('options.breaker.minRequests', minRequests, 1, 1_000_000),
    windowMs: checkInteger('options.breaker.windowMs', windowMs, 1, DAY_MS),
    openMs: checkInteger('options.breaker.openMs', openMs, 1, DAY_MS),
    maxOpenMs: checkInteger('options.breaker.maxOpenMs', maxOpenMs, 1, DAY_MS),
  }
  if (openMs > maxOpenMs)
    throw new InvalidInputError('options.breaker.openMs', openMs, `at most \`maxOpenMs\`, which is ${maxOpenMs}`)
  return Object.freeze(policy)
}
