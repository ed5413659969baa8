import { type Arrival, type Fault, isFinal, isSuccess } from '../lab/history.ts'
import type { Life } from '../lab/life.ts'
import { strikesReceiver } from '../nemesis/kinds.ts'
import { TIMEOUT_MS } from '../programs/script.ts'
import type { Check } from './check.ts'

/** A fault is noted before and after, but what it did to bytes under way may show a little later. */
const SLACK_MS = 2000

/**
 * I3. A response's body names the arrival that it answers, so attempts with a response are joined exactly; those without
 * one have to be enough for the arrivals that remain.
 */
export const agreement: Check = {
  invariant: 'I3',
  title: 'attempts and arrivals tell the same story',
  run({ history, lives }) {
    const cuts = history.faults.filter((fault) => strikesReceiver(fault.kind))
    const violations = lives.flatMap((life) =>
      life.request ? disagreements(life, cuts).map((says) => ({ about: life.id, says })) : [],
    )
    return { violations, figures: { attempts: history.attempts.length, arrivals: history.arrivals.length } }
  },
}

function disagreements(life: Life, cuts: readonly Fault[]): string[] {
  const { id, attempts, arrivals, request } = life
  const says: string[] = []
  const left = new Map(arrivals.map((arrival) => [String(arrival.token), arrival]))
  for (const { body, token } of arrivals) if (body !== id) says.push(`arrived as ${token} with the body of another`)
  for (const { number, outcome, status, body } of attempts) {
    if (outcome !== 'accepted' && outcome !== 'rejected') continue
    const arrival = left.get(body ?? '')
    left.delete(body ?? '')
    if (!arrival) says.push(`attempt ${number} has a response (${status}) that was not given to it`)
    else if (arrival.answer !== status) says.push(`attempt ${number} says ${status}, the receiver ${arrival.answer}`)
    else if ((outcome === 'accepted') !== isSuccess(arrival.answer))
      says.push(`attempt ${number} is ${outcome}: ${status}`)
  }
  const count = (outcome: string) => attempts.filter((attempt) => attempt.outcome === outcome).length
  const silent = count('abandoned') + count('timeout')
  const whole = [...left.values()].filter((arrival) => !mayBreak(arrival, cuts)).length
  if (whole > silent) says.push(`${whole} arrivals without a response, ${silent} attempts that could be theirs`)
  else if (left.size > silent + count('network_error')) says.push(`${left.size} arrivals, too few attempts`)
  if (request && isFinal(request.state) && attempts.length !== request.attemptCount)
    says.push(`${request.attemptCount} attempts were claimed, ${attempts.length} have a row`)
  if (request?.state === 'delivered' && count('accepted') === 0) says.push('delivered without an accepted attempt')
  return says
}

/** Whether its attempt may rightly be called a network error: the receiver reset the connection, or the network was cut. */
function mayBreak({ answer, at, answeredAt }: Arrival, cuts: readonly Fault[]): boolean {
  if (answer === 'reset') return true
  // Where the receiver stays silent, the connection is there to be cut until the attempt has timed out.
  const until = answeredAt ?? at + TIMEOUT_MS
  return cuts.some((cut) => cut.from <= until + SLACK_MS && cut.until >= at - SLACK_MS)
}
