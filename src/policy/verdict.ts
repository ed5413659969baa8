import { MAX_TIMER_MS } from '../check/bounds.ts'
import { checkKeys } from '../check/check.ts'
import { checkDuration, type Duration } from '../check/duration.ts'
import { describe } from '../errors.ts'
import type { AttemptFacts, AttemptOutcome } from './attempt.ts'

/**
 * Verdict on an attempt: success, another attempt (after the request's backoff, or `retryIn` from now, 0 to 24 days), or failure of
 * the request.
 */
export type AttemptVerdict = 'deliver' | 'retry' | 'fail' | { retryIn: Duration }

/** A verdict as it is gone by. */
export type CheckedVerdict = 'deliver' | 'retry' | 'fail' | { retryInMs: number }

/** An attempt to judge, and its request. */
export interface AttemptCase {
  request: { id: string; channel: string; method: string; url: string }
  attempt: AttemptFacts & {
    /** Number of the attempt, from 1. */
    number: number
    /** Its outcome by the rules of the request. */
    outcome: Extract<AttemptOutcome, 'accepted' | 'rejected' | 'timeout' | 'network_error' | 'unprepared'>
  }
}

/** Judges an attempt. Returning nothing leaves it to the rules of the request. */
export type AttemptDecider = (attempt: AttemptCase) => AttemptVerdict | undefined

/** Throws an error that says what is wrong with a verdict. */
export function checkVerdict(verdict: unknown, hasResponse: boolean): CheckedVerdict {
  if (verdict === 'retry' || verdict === 'fail') return verdict
  if (verdict === 'deliver') {
    if (hasResponse) return verdict
    throw new Error("it returned 'deliver' for an attempt without a response")
  }
  // If it is a promise, nobody waits for it, and what it rejects with would end the process.
  Promise.resolve(verdict).catch(() => {})
  const { retryIn } = Object(verdict) as { retryIn?: unknown }
  if (retryIn !== undefined) return { retryInMs: checkDuration('retryIn', retryIn, 0, MAX_TIMER_MS) }
  if (typeof verdict === 'object' && verdict !== null) checkKeys('verdict', verdict, ['retryIn'])
  throw new Error(`it returned ${describe(verdict)}, which is not a verdict`)
}
