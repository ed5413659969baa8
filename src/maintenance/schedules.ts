import { Cron } from '../core/cron.ts'
import { dueTimes, jitterOf, requestIdOf } from '../core/schedule.ts'
import { requestRow, scheduleRow, type Vault } from '../encryption/vault.ts'
import { InvalidInputError, RequeuestError, reasonOf } from '../errors.ts'
import type { Events } from '../runtime/events.ts'
import { inTransaction, type PrismaClientLike, sqlState, withDatabaseErrors } from '../store/db.ts'
import { type DueSchedule, findDueSchedules, fireSchedule, markScheduleProblem, type Tick } from '../store/schedules.ts'

const BATCH = 100
/** How many missed times of one schedule are caught up with in one statement. */
const TICKS = 100
/** Some transaction has the schedule's line locked. */
const LOCK_NOT_AVAILABLE = '55P03'
/** Somebody else is at it. */
const TAKEN_MS = 100

/** What one look at the schedules came to. */
export interface Look {
  /** How many requests were spawned. */
  fired: number
  /** When to look again: at once, when the next one is due, or null when none is due soon. */
  waitMs: number | null
}

/**
 * Spawns what schedules are due to spawn. Safe to run in any number of processes at once: each schedule is fired and moved
 * on in one statement, which changes nothing if another process was faster.
 */
export class Schedules {
  readonly #db: PrismaClientLike
  readonly #vault: Vault
  readonly #events: Events
  /** The version of each schedule that this process cannot decrypt, so that it says so once. */
  readonly #unreadable = new Map<string, string>()

  constructor(db: PrismaClientLike, vault: Vault, events: Events) {
    this.#db = db
    this.#vault = vault
    this.#events = events
  }

  async runOnce(withinMs: number): Promise<Look> {
    const found = await withDatabaseErrors(() => findDueSchedules(this.#db, withinMs, BATCH))
    let fired = 0
    let waitMs: number | null = null
    for (const schedule of found) {
      const result = await this.#look(schedule)
      fired += result.fired
      if (result.waitMs !== null) waitMs = Math.min(waitMs ?? result.waitMs, result.waitMs)
    }
    return { fired, waitMs }
  }

  async #look(schedule: DueSchedule): Promise<Look> {
    const { name, version, nextRunAtMs, nowMs, changedAtMs } = schedule
    if (nextRunAtMs !== null && nextRunAtMs > nowMs) return { fired: 0, waitMs: nextRunAtMs - nowMs }
    if (this.#unreadable.get(name) === version) return { fired: 0, waitMs: null }
    try {
      const cron = new Cron(schedule.cron, schedule.timezone)
      const { fireMs, nextMs } = dueTimes(cron, nextRunAtMs ?? cron.next(changedAtMs), nowMs, schedule.catchUp, TICKS)
      const ticks = fireMs.map((ms) => this.#tick(schedule, ms))
      const [[moved]] = await inTransaction(this.#db, [fireSchedule(this.#db, name, version, ticks, nextMs)])
      return { fired: moved?.fired ?? 0, waitMs: moved ? Math.max(0, nextMs - nowMs) : TAKEN_MS }
    } catch (error) {
      return this.#failed(schedule, error)
    }
  }

  #tick(schedule: DueSchedule, fireMs: number): Tick {
    const id = requestIdOf(schedule.name, fireMs)
    const content =
      schedule.encryptionKey === null
        ? null
        : this.#vault.seal(requestRow(id), this.#vault.open(scheduleRow(schedule.name), schedule))
    return { id, fireMs, runMs: fireMs + jitterOf(id, schedule.jitterMs), content }
  }

  /** What is wrong with one schedule must not stop the others; what is wrong with the database stops all. */
  async #failed({ name, version }: DueSchedule, error: unknown): Promise<Look> {
    if (!(error instanceof RequeuestError)) throw error
    if (error.code === 'encryption_key_missing' || error.code === 'decryption_failed') {
      // Another worker may have the right keys.
      this.#unreadable.set(name, version)
      this.#events.emit('error', error)
      return { fired: 0, waitMs: null }
    }
    if (sqlState(error.cause) === LOCK_NOT_AVAILABLE) return { fired: 0, waitMs: null }
    if (!(error instanceof InvalidInputError || isRefusedRow(error))) throw error
    const problem = error instanceof InvalidInputError ? error.message : reasonOf(error)
    const [marked] = await inTransaction(this.#db, [markScheduleProblem(this.#db, name, version, problem)])
    if (marked > 0) {
      const message = `The schedule ${JSON.stringify(name)} cannot fire: ${problem}`
      this.#events.emit('error', new RequeuestError('invalid_schedule', message, { cause: error }))
    }
    return { fired: 0, waitMs: null }
  }
}

/** Whether Postgres refused the values of a row (classes 22 and 23), which it would do again. */
function isRefusedRow(error: RequeuestError): boolean {
  return /^2[23]/.test(sqlState(error.cause) ?? '')
}
