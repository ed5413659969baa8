import { InvalidInputError, RequeuestError, reasonOf } from '../errors.ts'
import { monotonicMs } from '../runtime/clock.ts'
import { inTransaction, sqlState, withDatabaseErrors } from '../store/db.ts'
import { type DueSchedule, findDueSchedules, markScheduleProblem } from '../store/schedules.ts'
import { Firing, type FiringParts, type Look } from './firing.ts'

const BATCH = 100
/** How long the first locked line of a round is waited for; each further one half of the time, so that they do not add up. */
const PATIENCE_MS = 250
const LEAST_PATIENCE_MS = 5
/** What was locked, or chosen as the victim of a deadlock, is retried after this. */
const AGAIN_MS = 1000

/**
 * Spawns what schedules are due to spawn. Any number of processes may run it at once: one statement fires a schedule and moves it
 * on, and changes nothing if another process was faster. The id of each request follows from the schedule's name and the time.
 *
 * - Rounds: due schedules are read by name, 100 at a time, so that neither catching up nor a problem keeps others from firing.
 *   When a round ends, `waitMs` says when the next schedule is due.
 * - A locked row or line is waited for briefly and left for a later round.
 * - What is wrong with a schedule (cron, time zone, a refused value) is written to its `problem`, and it fires no more until
 *   that is cleared. A schedule that this process cannot decrypt is left to others.
 * - What is wrong with the database ends the round; the loop retries it after a backoff.
 */
export class Schedules {
  readonly #parts: FiringParts
  readonly #firing: Firing
  /** The version of each schedule that this process cannot decrypt, so that it says so once. */
  readonly #unreadable = new Map<string, string>()
  /** Where the round stands. */
  #after = ''
  #locked = 0
  #nextAtMs = Number.POSITIVE_INFINITY

  constructor(parts: FiringParts) {
    this.#parts = parts
    this.#firing = new Firing(parts)
  }

  async runOnce(withinMs: number): Promise<Look> {
    const found = await withDatabaseErrors(() => findDueSchedules(this.#parts.db, withinMs, this.#after, BATCH))
    const failures: unknown[] = []
    let fired = 0
    for (const schedule of found) {
      // Whatever comes of it, the next look begins behind it.
      this.#after = schedule.name
      try {
        fired += await this.#look(schedule)
      } catch (error) {
        // One may be the schedule's own fault in a way that nobody foresaw. Two are the database's.
        if (failures.push(error) > 1) throw error
      }
    }
    if (failures.length > 0) throw failures[0]
    return { fired, waitMs: found.length === BATCH ? 0 : this.#endRound() }
  }

  #endRound(): number | null {
    const waitMs = this.#nextAtMs - monotonicMs()
    this.#after = ''
    this.#locked = 0
    this.#nextAtMs = Number.POSITIVE_INFINITY
    return Number.isFinite(waitMs) ? Math.max(0, waitMs) : null
  }

  /** Returns how many requests were spawned. */
  async #look(schedule: DueSchedule): Promise<number> {
    if (this.#unreadable.get(schedule.name) === schedule.version) return 0
    const patienceMs = Math.max(LEAST_PATIENCE_MS, Math.round(PATIENCE_MS / 2 ** this.#locked))
    const { fired, waitMs } = await this.#firing
      .look(schedule, patienceMs)
      .catch((error) => this.#failed(schedule, error))
    if (waitMs !== null) this.#nextAtMs = Math.min(this.#nextAtMs, monotonicMs() + waitMs)
    return fired
  }

  /** What is wrong with one schedule must not stop the others; what is wrong with the database stops all. */
  async #failed(schedule: DueSchedule, error: unknown): Promise<Look> {
    if (isUnreadable(error)) {
      // Another worker may have the right keys.
      this.#unreadable.set(schedule.name, schedule.version)
      this.#parts.events.emit('error', error)
      return { fired: 0, waitMs: null }
    }
    const state = stateOf(error)
    if (IN_THE_WAY.test(state)) {
      this.#locked++
      return { fired: 0, waitMs: AGAIN_MS }
    }
    const isOfTheDatabase = error instanceof RequeuestError && !(error instanceof InvalidInputError)
    if (isOfTheDatabase && !REFUSED.test(state)) throw error
    await this.#mark(schedule, error)
    return { fired: 0, waitMs: null }
  }

  async #mark(schedule: DueSchedule, error: unknown): Promise<void> {
    const problem = error instanceof InvalidInputError ? error.message : reasonOf(error)
    const marked = await this.#write(schedule, problem).catch((unwritten) => {
      // Not every database holds all characters.
      if (REFUSED.test(stateOf(unwritten))) return this.#write(schedule, problem.replace(/[^ -~]/g, '?'))
      throw unwritten
    })
    if (marked === 0) return
    const message = `The schedule ${JSON.stringify(schedule.name)} cannot fire: ${problem}`
    this.#parts.events.emit('error', new RequeuestError('invalid_schedule', message, { cause: error }))
  }

  async #write({ name, version }: DueSchedule, problem: string): Promise<number> {
    const { db } = this.#parts
    const [marked] = await inTransaction(db, [markScheduleProblem(db, name, version, problem)])
    return marked
  }
}

/** A lock that was not waited for (55P03), a deadlock or a conflict of transactions (class 40). */
const IN_THE_WAY = /^(40|55P03)/
/**
 * The values of a row (classes 22 and 23) or its size (54), refused by Postgres, or by what somebody added to the tables (P0):
 * all of which would be so again.
 */
const REFUSED = /^(22|23|54|P0)/

function stateOf(error: unknown): string {
  return (error instanceof RequeuestError && sqlState(error.cause)) || ''
}

function isUnreadable(error: unknown): error is RequeuestError {
  return (
    error instanceof RequeuestError && (error.code === 'encryption_key_missing' || error.code === 'decryption_failed')
  )
}
