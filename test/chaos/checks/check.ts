import type { Fault, History } from '../lab/history.ts'
import { type Life, livesOf } from '../lab/life.ts'

/** One thing in a history that may not be. */
export interface Violation {
  /** The request's id, or whatever else it is about. */
  about: string
  says: string
}

/** What a check has found, and how much there was to find it in. */
export interface Finding {
  violations: Violation[]
  figures: Record<string, number>
}

/** A history with what more than one check needs of it. */
export interface Evidence {
  history: History
  lives: Life[]
  /** What was done to each worker process. */
  struck: Map<number, Fault[]>
}

export interface Check {
  /** Its number in the test plan. */
  invariant: string
  /** What it holds the library to. */
  title: string
  run(evidence: Evidence): Finding
}

export function evidenceOf(history: History): Evidence {
  const struck = new Map<number, Fault[]>()
  for (const fault of history.faults) {
    if (fault.pid !== null) struck.set(fault.pid, [...(struck.get(fault.pid) ?? []), fault])
  }
  return { history, lives: livesOf(history), struck }
}
