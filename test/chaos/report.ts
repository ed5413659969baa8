import Table from 'cli-table3'
import type { Verdict } from './checker.ts'
import { INVARIANTS } from './checks/violation.ts'
import type { History } from './lab/history.ts'

const SHOWN = 20

/** What came of a run, to be read. */
export function describeRun(seed: number, history: History, verdict: Verdict): string {
  const { faults, attempts, arrivals } = history
  const { duplicated, violations } = verdict
  const struck = (kind: string) => faults.filter((fault) => fault.kind === kind).length
  const ended = (outcome: string) => attempts.filter((attempt) => attempt.outcome === outcome).length
  const rows: [string, number][] = [
    ['acknowledged', verdict.acknowledged],
    ['rolled back', verdict.rolledBack],
    ['arrivals', arrivals.length],
    ['attempts', attempts.length],
    ['  abandoned', ended('abandoned')],
    ['  timed out', ended('timeout')],
    ['workers killed', struck('kill')],
    ['workers stopped', struck('stop')],
    ['all backends terminated', struck('terminate')],
    ['database crashed', struck('crash')],
    ['lost', verdict.lost.length],
    ['unexpected', verdict.unexpected.length],
    ['recovered', verdict.recovered.length],
    ['duplicated', duplicated.length],
    ...[...new Set(duplicated.map((one) => one.cause))].map((cause): [string, number] => [
      `  cause: ${cause}`,
      duplicated.filter((one) => one.cause === cause).length,
    ]),
    ...INVARIANTS.map((name): [string, number] => [
      `violations of ${name}`,
      violations.filter((violation) => violation.invariant === name).length,
    ]),
  ]
  const table = new Table({ style: { head: [], border: [] }, colAligns: ['left', 'right'] })
  table.push(...rows)
  const shown = violations.slice(0, SHOWN).map(({ invariant, about, says }) => `${invariant} ${about}: ${says}`)
  return [`seed ${seed}`, table.toString(), ...shown].join('\n')
}
