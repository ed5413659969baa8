import { type Arrival, type AttemptFact, groupBy, type History, isFinal, isSuccess } from '../lab/history.ts'
import type { Violation } from './violation.ts'

/**
 * I3: attempts and arrivals tell the same story. A response's body names the arrival that it answers, so tries with a
 * response are joined exactly; those without one have to be enough for the arrivals that remain.
 */
export function checkAgreement(history: History): Violation[] {
  const arrivals = groupBy(history.arrivals, (arrival) => arrival.id)
  const attempts = groupBy(history.attempts, (attempt) => attempt.id)
  return history.requests.flatMap((request) => {
    const rows = attempts.get(request.id) ?? []
    const says = disagreements(rows, arrivals.get(request.id) ?? [])
    if (isFinal(request.state) && rows.length !== request.attemptCount)
      says.push(`${request.attemptCount} tries were claimed, ${rows.length} have a row`)
    if (request.state === 'delivered' && !rows.some((row) => row.outcome === 'accepted'))
      says.push('delivered without an accepted try')
    return says.map((text): Violation => ({ invariant: 'I3', about: request.id, says: text }))
  })
}

function disagreements(rows: AttemptFact[], arrivals: Arrival[]): string[] {
  const says: string[] = []
  const left = new Map(arrivals.map((arrival) => [String(arrival.token), arrival]))
  const count = (outcome: string) => rows.filter((row) => row.outcome === outcome).length
  for (const { number, outcome, status, body } of rows) {
    if (outcome !== 'accepted' && outcome !== 'rejected') continue
    const arrival = left.get(body ?? '')
    left.delete(body ?? '')
    if (!arrival) says.push(`try ${number} has a response (${status}) that was not given to it`)
    else if (arrival.answer !== status) says.push(`try ${number} says ${status}, the receiver ${arrival.answer}`)
    else if ((outcome === 'accepted') !== isSuccess(arrival.answer)) says.push(`try ${number} is ${outcome}: ${status}`)
  }
  // A reset may be the end of a try that reports it, or of one that could not report at all. Anything else that
  // arrived may not be called a network error: the receiver cuts no other connections.
  const others = [...left.values()].filter((arrival) => arrival.answer !== 'reset').length
  const silent = count('abandoned') + count('timeout')
  if (others > silent) says.push(`${others} arrivals without a response, ${silent} tries that could be theirs`)
  else if (left.size > silent + count('network_error')) says.push(`${left.size} arrivals, too few tries`)
  return says
}
