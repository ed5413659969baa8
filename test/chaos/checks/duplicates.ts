import { type Arrival, type AttemptFact, type Fault, isSuccess } from '../lab/history.ts'
import { arrivalOf, type Life } from '../lab/life.ts'
import { type FaultKind, strikesPostgres, strikesReceiver } from '../nemesis/kinds.ts'
import type { Check, Evidence } from './check.ts'

/**
 * Why a request arrived again after the receiver had accepted it. A fault of a worker: it struck the worker of one of
 * the attempts between that attempt's start and the duplicate. A fault of the network to the receiver: it was there while the
 * receiver accepted. A fault of Postgres: it kept the accepted attempt from being recorded until its lease had run out.
 * `timeout`: an attempt's own row says that it did not wait for the answer, so a stall that nobody caused shows in the history.
 */
type Cause = FaultKind | 'timeout' | 'unexplained'

interface Duplicate {
  id: string
  token: number
  cause: Cause
}

/** A fault is noted before and after, but what was in a socket's buffer may be read by the receiver later. */
const SLACK_MS = 1000

/**
 * I4. Arriving again after an answer that was no success is a retry, not a duplicate. Where nothing was done to anybody
 * there is no cause for any.
 */
export const duplicates: Check = {
  invariant: 'I4',
  title: 'every duplicate has a cause',
  run(evidence) {
    const found = findDuplicates(evidence)
    const figures: Record<string, number> = { duplicates: found.length }
    for (const { cause } of found) figures[`because of ${cause}`] = (figures[`because of ${cause}`] ?? 0) + 1
    const isQuiet = evidence.history.faults.length === 0
    const violations = found
      .filter((one) => isQuiet || one.cause === 'unexplained')
      .map(({ id, token }) => ({ about: id, says: `arrived again as ${token} although nothing had happened` }))
    return { violations, figures }
  },
}

export function findDuplicates(evidence: Evidence): Duplicate[] {
  return evidence.lives.flatMap((life) => {
    const first = life.arrivals.findIndex((arrival) => isSuccess(arrival.answer))
    const accepted = life.arrivals[first]
    if (!accepted) return []
    return life.arrivals
      .slice(first + 1)
      .map((again) => ({ id: life.id, token: again.token, cause: causeOf(again, accepted, life, evidence) }))
  })
}

function causeOf(again: Arrival, accepted: Arrival, life: Life, { history, struck }: Evidence): Cause {
  const before = life.attempts.filter((attempt) => attempt.startedAt <= again.at)
  const hit = before.flatMap((attempt) => strikesBetween(struck.get(attempt.workerPid) ?? [], attempt, again))[0]
  if (hit) return hit.kind
  const around = (fault: Fault) =>
    fault.from <= (accepted.answeredAt ?? accepted.at) + SLACK_MS && fault.until >= accepted.at - SLACK_MS
  const unheard = before.filter((attempt) => !arrivalOf(attempt, life) && attempt.startedAt <= accepted.at)
  const admits = (...outcomes: string[]) => unheard.some((attempt) => outcomes.includes(attempt.outcome))
  const find = (strikes: (kind: FaultKind) => boolean) =>
    history.faults.find((fault) => strikes(fault.kind) && around(fault))?.kind
  const cut = admits('network_error', 'timeout') ? find(strikesReceiver) : undefined
  if (cut) return cut
  if (admits('timeout')) return 'timeout'
  const rescued = life.moves.some((move) => move.from === 'claimed' && move.leaseOver && move.at <= again.at)
  return (rescued ? find(strikesPostgres) : undefined) ?? 'unexplained'
}

function strikesBetween(faults: readonly Fault[], attempt: AttemptFact, again: Arrival): Fault[] {
  return faults.filter((fault) => fault.from <= again.at && fault.until >= attempt.startedAt - SLACK_MS)
}
