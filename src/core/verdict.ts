import { describe } from '../errors.ts'
import type { AttemptFacts, AttemptOutcome } from './attempt.ts'
import { MAX_INT } from './bounds.ts'
import { checkInteger } from './check.ts'

/** What a caller makes of a try: it is a success, it is to be tried again (when the policy says, or so soon), or given up. */
export type AttemptVerdict = 'deliver' | 'retry' | 'fail' | { retryInMs: number }

/** A try that is to be judged, and its request. */
export interface AttemptCase {
  request: { id: string; channel: string; method: string; url: string }
  attempt: AttemptFacts & {
    /** 1 for the first try. */
    number: number
    /** How it ended by the rules of the request. */
    outcome: Extract<AttemptOutcome, 'accepted' | 'rejected' | 'timeout' | 'network_error' | 'unprepared'>
  }
}

/** Judges a try; undefined leaves it to the rules of the request. */
export type Decide = (attempt: AttemptCase) => AttemptVerdict | undefined

/** Throws an error that says what is wrong with a verdict. */
export function checkVerdict(verdict: unknown, hasResponse: boolean): AttemptVerdict {
  if (verdict === 'retry' || verdict === 'fail') return verdict
  if (verdict === 'deliver') {
    if (hasResponse) return verdict
    throw new Error("it said 'deliver' of a try without a response")
  }
  // If it is a promise, nobody waits for it, and what it rejects with would end the process.
  Promise.resolve(verdict).catch(() => {})
  const { retryInMs } = Object(verdict) as { retryInMs?: unknown }
  if (retryInMs === undefined) throw new Error(`it returned no verdict but ${describe(verdict)}`)
  return { retryInMs: checkInteger('retryInMs', retryInMs, 0, MAX_INT) }
}
