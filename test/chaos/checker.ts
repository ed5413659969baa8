import { checkAgreement } from './checks/agreement.ts'
import { checkDuplicates, type Duplicate } from './checks/duplicates.ts'
import { checkLines } from './checks/lines.ts'
import { checkSpawns, type SpawnResult } from './checks/spawns.ts'
import { checkStates } from './checks/states.ts'
import type { Violation } from './checks/violation.ts'
import type { History } from './lab/history.ts'

export interface Verdict extends SpawnResult {
  duplicated: Duplicate[]
}

/** Joins what spawners, database, receiver and nemesis noted, and finds everything that may not be. */
export function check(history: History): Verdict {
  const spawns = checkSpawns(history)
  const duplicates = checkDuplicates(history)
  const deaths = history.deaths.map(({ name, pid, code }): Violation => {
    return { invariant: 'I17', about: `${name} (${pid})`, says: `ended by itself with ${code}` }
  })
  return {
    ...spawns,
    duplicated: duplicates.duplicated,
    violations: [
      ...spawns.violations,
      ...duplicates.violations,
      ...checkAgreement(history),
      ...checkStates(history),
      ...checkLines(history),
      ...deaths,
    ],
  }
}
