import { InvalidInputError } from '../errors.ts'
import { MAX_INT } from './bounds.ts'
import { checkInteger, checkKeys, checkObject, checkOneOf } from './check.ts'
import type { Jitter, RetryPolicy } from './retry-policy.ts'

/** How long to wait between tries. */
export interface BackoffOptions {
  /** Milliseconds to wait after the first failed try. @default 1000 */
  baseMs?: number
  /** What the wait is multiplied by after every further failed try; 1 to 1000. @default 2 */
  factor?: number
  /** The longest wait in milliseconds. It also bounds what a `Retry-After` may ask for. @default 3_600_000 (an hour) */
  maxMs?: number
  /** How the wait is spread, so that many requests do not return at once. @default 'full' */
  jitter?: Jitter
  /**
   * The waits in milliseconds, one after the other, up to 100 of them; the last one comes again and again. Instead of
   * `baseMs` and `factor`; `maxMs` then bounds `Retry-After` alone. @default [], none
   */
  delaysMs?: readonly number[]
}

const MAX_DELAYS = 100

/**
 * A policy in which `backoff` says what differs from `base`. A wait that grows replaces one that is listed.
 *
 * @throws {@link InvalidInputError} naming what cannot be
 */
export function resolveBackoff(field: string, backoff: BackoffOptions | undefined, base: RetryPolicy): RetryPolicy {
  if (backoff === undefined) return base
  checkObject(field, backoff)
  checkKeys(field, backoff, ['baseMs', 'factor', 'maxMs', 'jitter', 'delaysMs'])
  const { baseMs = base.baseMs, factor = base.factor, maxMs = base.maxMs, jitter = base.jitter } = backoff
  if (typeof factor !== 'number' || !(factor >= 1 && factor <= 1000)) {
    throw new InvalidInputError(`${field}.factor`, factor, 'a number from 1 to 1000')
  }
  const delaysMs = resolveDelays(field, backoff, base)
  return {
    maxAttempts: base.maxAttempts,
    baseMs: checkInteger(`${field}.baseMs`, baseMs, 0, MAX_INT),
    factor,
    maxMs: checkInteger(`${field}.maxMs`, maxMs, 0, MAX_INT),
    jitter: checkOneOf(`${field}.jitter`, jitter, ['full', 'equal', 'none']),
    ...(delaysMs.length > 0 && { delaysMs }),
  }
}

function resolveDelays(field: string, backoff: BackoffOptions, base: RetryPolicy): readonly number[] {
  const { baseMs, factor, delaysMs } = backoff
  const grows = baseMs !== undefined || factor !== undefined
  if (delaysMs === undefined) return grows ? [] : (base.delaysMs ?? [])
  if (!Array.isArray(delaysMs) || delaysMs.length > MAX_DELAYS) {
    const expected = `a list of at most ${MAX_DELAYS} waits in milliseconds, such as [5000, 300_000]`
    throw new InvalidInputError(`${field}.delaysMs`, delaysMs, expected)
  }
  if (grows && delaysMs.length > 0) {
    throw new InvalidInputError(`${field}.delaysMs`, delaysMs, 'left out when `baseMs` or `factor` is given')
  }
  // A hole in a list would not be looked at by map().
  return Array.from(delaysMs, (ms: unknown, index) => checkInteger(`${field}.delaysMs[${index}]`, ms, 0, MAX_INT))
}
