import type { Retention } from '../policy/retention.ts'
import type { MaintenanceRow } from '../store/maintenance.ts'
import { Apart } from './apart.ts'
import { type Chore, type ChoreParts, createChores } from './chores.ts'
import { forgetOnce } from './forget.ts'
import { Look } from './look.ts'
import { hasLimits, pruneOnce } from './pruner.ts'

/** Rows that somebody has locked are found again each time. */
const MOST_ROUNDS = 100

/** The maintenance of a process that does not stay. */
export class MaintenanceOnce {
  readonly #parts: Omit<ChoreParts, 'withinMs'>

  constructor(parts: Omit<ChoreParts, 'withinMs'>) {
    this.#parts = parts
  }

  /**
   * Does what there is to do now.
   *
   * @returns whether there was anything: it may have made requests due
   */
  async run(isOver: () => boolean): Promise<boolean> {
    const { db, vault } = this.#parts
    const row = await new Look(db, 0, vault.oldKeys).once()
    const chores = Object.entries(createChores({ ...this.#parts, withinMs: 0 }))
    let isAnyFound = false
    for (const [kind, chore] of chores) {
      if (row?.[kind as keyof MaintenanceRow] && (await repeat(chore, isOver))) isAnyFound = true
    }
    return isAnyFound
  }

  /** Deletes a batch of what has been kept long enough. */
  async prune(retention: Retention): Promise<void> {
    const { db, onError } = this.#parts
    await forgetOnce(db, Math.random)
    if (!hasLimits(retention)) return
    await pruneOnce(db, retention, Math.random, { requests: new Apart(onError), bodies: new Apart(onError) })
  }
}

async function repeat(chore: Chore, isOver: () => boolean): Promise<boolean> {
  for (let round = 0; round < MOST_ROUNDS && !isOver(); round++) {
    const { found, waitMs } = await chore()
    if (found === 0 && waitMs > 0) return round > 0
  }
  return true
}
