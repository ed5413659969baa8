import { acknowledged } from './checks/acknowledged.ts'
import { agreement } from './checks/agreement.ts'
import { cancels } from './checks/cancels.ts'
import { type Check, type Evidence, evidenceOf, type Finding } from './checks/check.ts'
import { crashes } from './checks/crashes.ts'
import { deadlocks } from './checks/deadlocks.ts'
import { deaths } from './checks/deaths.ts'
import { duplicates, findDuplicates } from './checks/duplicates.ts'
import { lines } from './checks/lines.ts'
import { mishaps } from './checks/mishaps.ts'
import { rolledBack } from './checks/rolled-back.ts'
import { skew } from './checks/skew.ts'
import { staleWrites } from './checks/stale-writes.ts'
import { states } from './checks/states.ts'
import { type History, isFinal } from './lab/history.ts'

const CHECKS: readonly Check[] = [
  acknowledged,
  rolledBack,
  agreement,
  duplicates,
  staleWrites,
  states,
  lines,
  cancels,
  crashes,
  skew,
  deadlocks,
  deaths,
  mishaps,
]

/** What Jepsen's total-queue would say: ids of requests. */
interface Totals {
  /** Acknowledged, but not final at the end, or gone. */
  lost: string[]
  /** There, although it was rolled back or nobody spawned it. */
  unexpected: string[]
  /** Arrived again after it had been accepted; once for each arrival. */
  duplicated: string[]
  /** Never acknowledged, but there: which is allowed. */
  recovered: string[]
}

export interface Verdict {
  totals: Totals
  findings: (Pick<Check, 'invariant' | 'title'> & Finding)[]
  /** As `invariant about: says`. */
  violations: string[]
}

/** Joins what all parties noted of a run and finds everything that may not be, in one pass a check. */
export function check(history: History): Verdict {
  const evidence = evidenceOf(history)
  const findings = CHECKS.map(({ invariant, title, run }) => ({ invariant, title, ...run(evidence) }))
  const violations = findings.flatMap(({ invariant, violations }) =>
    violations.map(({ about, says }) => `${invariant} ${about}: ${says}`),
  )
  return { totals: totalsOf(evidence), findings, violations }
}

function totalsOf(evidence: Evidence): Totals {
  const ids = (wanted: (life: Evidence['lives'][number]) => boolean) =>
    evidence.lives.filter(wanted).map((life) => life.id)
  return {
    lost: ids(({ fate, request }) => fate === 'acked' && !isFinal(request?.state ?? null)),
    unexpected: ids(
      ({ fate, request, arrivals }) =>
        (fate === undefined || fate === 'rolledback') && (request !== undefined || arrivals.length > 0),
    ),
    duplicated: findDuplicates(evidence).map((one) => one.id),
    recovered: ids(({ fate, request }) => (fate === 'intent' || fate === 'unknown') && request !== undefined),
  }
}
