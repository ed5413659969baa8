import { describe, RequeuestError, reasonOf } from '../errors.ts'
import type { Delivery } from '../policy/attempt.ts'
import { type Decision, decideOutcome } from '../policy/outcome.ts'
import type { ClaimedRequest } from '../policy/request.ts'
import { type AttemptCase, type AttemptDecider, checkVerdict } from '../policy/verdict.ts'

/** Decides what attempts mean for their requests: by the caller's function for the channel, if there is one, and the rules. */
export class Classifier {
  readonly #deciders: ReadonlyMap<string, AttemptDecider>
  readonly #random: () => number
  readonly #onError: (error: unknown, failures: number) => number

  constructor(
    deciders: ReadonlyMap<string, AttemptDecider>,
    random: () => number,
    onError: (error: unknown, failures: number) => number,
  ) {
    this.#deciders = deciders
    this.#random = random
    this.#onError = onError
  }

  /** @param nowMs - the database's time when the attempt ended */
  decide(claim: ClaimedRequest, delivery: Delivery, nowMs: number): Decision {
    const byRules = decideOutcome(claim, delivery, nowMs, this.#random)
    const ask = this.#deciders.get(claim.channel)
    if (!ask || !isOpen(byRules.outcome)) return byRules
    try {
      const verdict = ask(caseOf(claim, delivery, byRules.outcome))
      if (verdict === undefined) return byRules
      const checked = checkVerdict(verdict, delivery.outcome === 'response')
      return decideOutcome(claim, delivery, nowMs, this.#random, checked)
    } catch (cause) {
      const message = `\`decide\` of the channel ${describe(claim.channel)} failed, so the rules decide: ${reasonOf(cause)}`
      this.#onError(new RequeuestError('decision_failed', message, { cause }), 1)
      return byRules
    }
  }
}

/** The caller does not judge what could not be sent, or whose outcome is unknown. */
function isOpen(outcome: Decision['outcome']): outcome is AttemptCase['attempt']['outcome'] {
  return !['blocked', 'invalid', 'expired', 'abandoned'].includes(outcome)
}

/** A copy, so that what the function changes is not recorded. */
function caseOf(claim: ClaimedRequest, delivery: Delivery, outcome: AttemptCase['attempt']['outcome']): AttemptCase {
  const { id, channel, method, url, number } = claim
  const { ofOrigin, ...attempt } = delivery
  return { request: { id, channel, method, url }, attempt: { ...structuredClone(attempt), number, outcome } }
}
