import { monotonicMs } from '../runtime/clock.ts'
import { type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { findMaintenance, type MaintenanceRow } from '../store/maintenance.ts'

/** Transactions that take longer than this may commit what was due before the last look. */
const SLACK_MS = 2000
/** Looking from the beginning takes up to this part of the time. */
const PART_OF_TIME = 1 / 20

/**
 * Looks whether there is maintenance to do. A transaction that stays open keeps the place of every claim that has ended since, and
 * a look would pass by them all, again and again. So it begins where an earlier one found nothing due, and at the beginning
 * no more often than that is cheap, which is each time where nothing is kept.
 */
export class Look {
  readonly #db: PrismaTransactionLike
  readonly #withinMs: number
  readonly #oldKeys: readonly string[]
  #sinceMs: number | null = null
  #fromBeginningAtMs = Number.NEGATIVE_INFINITY

  /**
   * @param withinMs - finds schedules that are due within this
   * @param oldKeys - what is encrypted with these is to be encrypted anew
   */
  constructor(db: PrismaTransactionLike, withinMs: number, oldKeys: readonly string[]) {
    this.#db = db
    this.#withinMs = withinMs
    this.#oldKeys = oldKeys
  }

  async once(): Promise<MaintenanceRow | undefined> {
    const fromMs = monotonicMs()
    const fromBeginning = fromMs >= this.#fromBeginningAtMs
    const sinceMs = fromBeginning ? null : this.#sinceMs
    const [found] = await withDatabaseErrors(() => findMaintenance(this.#db, this.#withinMs, this.#oldKeys, sinceMs))
    if (fromBeginning) this.#fromBeginningAtMs = fromMs + (monotonicMs() - fromMs) / PART_OF_TIME
    if (found && !found.rescue && !found.expire) this.#sinceMs = found.atMs - SLACK_MS
    return found
  }
}
