import { type Arrival, type AttemptFact, type Fault, groupBy, type History, isSuccess } from '../lab/history.ts'
import type { Violation } from './violation.ts'

/**
 * Why a request arrived again after the receiver had accepted it. `kill`, `stop`: the worker of one of its tries was
 * struck between that try's start and the duplicate. `terminate`, `crash`: the database was. `timeout`: a try's own
 * row says that it did not wait for the answer, so a stall that nobody caused on purpose shows in the history.
 */
export type Cause = Fault['kind'] | 'timeout' | 'unexplained'

export interface Duplicate {
  id: string
  token: number
  cause: Cause
}

/** A signal is noted before and after, but what was in a socket's buffer may be read by the receiver later. */
const SLACK_MS = 1000

/** I4: each duplicate has a cause. Arriving again after an answer that was no success is a retry. */
export function checkDuplicates(history: History): { duplicated: Duplicate[]; violations: Violation[] } {
  const attempts = groupBy(history.attempts, (attempt) => attempt.id)
  const duplicated: Duplicate[] = []
  for (const [id, group] of groupBy(history.arrivals, (arrival) => arrival.id)) {
    let accepted: Arrival | undefined
    for (const arrival of group.toSorted((a, b) => a.token - b.token)) {
      if (accepted) {
        const cause = causeOf(arrival, accepted, attempts.get(id) ?? [], history.faults)
        duplicated.push({ id, token: arrival.token, cause })
      }
      if (isSuccess(arrival.answer)) accepted = arrival
    }
  }
  const violations = duplicated
    .filter((one) => one.cause === 'unexplained')
    .map((one): Violation => {
      return { invariant: 'I4', about: one.id, says: `arrived again as ${one.token} although nothing had happened` }
    })
  return { duplicated, violations }
}

function causeOf(again: Arrival, accepted: Arrival, attempts: AttemptFact[], faults: Fault[]): Cause {
  const before = attempts.filter((attempt) => attempt.startedAt <= again.at)
  const struck = faults.find(
    ({ pid, from, until }) =>
      from <= again.at && before.some((one) => one.workerPid === pid && one.startedAt - SLACK_MS <= until),
  )
  if (struck) return struck.kind
  // Only a try that did not hear the acceptance may be followed by another: its row has to say so.
  if (before.some((one) => one.outcome === 'timeout' && one.startedAt <= accepted.at)) return 'timeout'
  const cut = faults.find(({ pid, from, until }) => pid === null && from <= again.at && until >= accepted.at - SLACK_MS)
  return cut?.kind ?? 'unexplained'
}
