import { Cron } from '../cron/cron.ts'
import { type Content, requestRow, scheduleRow, type Vault } from '../encryption/vault.ts'
import type { Events } from '../events/events.ts'
import type { Message } from '../message/message.ts'
import { originOfRow } from '../message/origin.ts'
import { isToBeRendered } from '../message/rendering.ts'
import { problemOfTerms } from '../policy/row-problem.ts'
import { dueTimes, jitterOf, MOST_CAUGHT_UP, plannedTime, requestIdOf } from '../policy/schedule.ts'
import { clamp } from '../runtime/clamp.ts'
import { inTransaction, type PrismaClientLike, withDatabaseErrors } from '../store/db.ts'
import { type DueSchedule, fireSchedule, type SpawnedTerms, selectTerms, type Tick } from '../store/schedules.ts'

/** How many missed times of one schedule are caught up with in one statement. */
const TICKS = 100
/** Each request that is encrypted has a body of its own, and all of them are sent together. */
const BODY_BYTES = 16_777_216
/** Wait before looking at a schedule again that another process is firing. */
const TAKEN_MS = 100

/** Result of a look. */
export interface Look {
  /** How many requests were spawned. */
  fired: number
  /** When to look again: at once, when the next one is due, or null when none is due soon. */
  waitMs: number | null
}

/** Throws an error that says so when a request like this cannot be sent. */
export type CheckMessage = (message: Omit<Message, 'headers'> & Content) => unknown

export interface FiringParts {
  db: PrismaClientLike
  vault: Vault
  events: Events
  checkMessage: CheckMessage
}

/** Spawns what one schedule is due to spawn, or works out when it is. */
export class Firing {
  readonly #parts: FiringParts

  constructor(parts: FiringParts) {
    this.#parts = parts
  }

  /**
   * @param patienceMs - how long to wait for a line that somebody has locked
   * @throws whatever is wrong with the row
   */
  async look(schedule: DueSchedule, patienceMs: number): Promise<Look> {
    const { db } = this.#parts
    const { name, version, nextRunAtMs, nowMs, catchUp } = schedule
    const cron = new Cron(schedule.cron, schedule.timezone)
    const firstMs = plannedTime(schedule, (afterMs) => cron.next(afterMs))
    if (firstMs === nextRunAtMs && firstMs > nowMs) return { fired: 0, waitMs: firstMs - nowMs }
    const [terms] = await withDatabaseErrors(() => selectTerms(db, name, version))
    if (!terms) return { fired: 0, waitMs: TAKEN_MS }
    const limit = clamp(Math.floor(BODY_BYTES / (terms.body?.length || 1)), 1, TICKS)
    const { fireMs, nextMs, fromMs } = dueTimes(cron, firstMs, nowMs, catchUp, limit)
    const origin = originOfRow(terms.url, '')
    const ticks = this.#ticks(schedule, terms, fireMs)
    const fire = async (traceContext: string | null) => {
      const statement = fireSchedule(db, schedule, { origin, ticks, nextMs, traceContext }, patienceMs)
      return (await inTransaction(db, [statement]))[0]
    }
    const { channel } = terms
    const { instruments } = this.#parts.events
    const count = ticks.length
    const [moved] = await (count > 0 ? instruments.spawn({ channel, count }, fire) : fire(null))
    if (!moved) return { fired: 0, waitMs: TAKEN_MS }
    instruments.tell((observer) => observer.spawned(channel, moved.fired))
    if (fromMs !== null) this.#tellOfSkipped(name, firstMs, fromMs)
    return { fired: moved.fired, waitMs: Math.max(0, nextMs - nowMs) }
  }

  #ticks({ name, jitterMs }: DueSchedule, terms: SpawnedTerms, fireMs: readonly number[]): Tick[] {
    // Planning alone does not need the key.
    const isOpened = fireMs.length > 0 || terms.encryptionKey === null
    const content = isOpened ? this.#parts.vault.open(scheduleRow(name), terms) : { headers: [], body: null }
    this.#check({ ...terms, ...content })
    return fireMs.map((ms) => {
      const id = requestIdOf(name, ms)
      const sealed = terms.encryptionKey === null ? null : this.#parts.vault.seal(requestRow(id), content)
      return { id, fireMs: ms, runMs: ms + jitterOf(id, jitterMs), content: sealed }
    })
  }

  /** Finds what each of its requests would fail for, to record it on the schedule instead. */
  #check(terms: SpawnedTerms & Content): void {
    const problem = problemOfTerms({ ...terms, onStatus: terms.onStatus ?? {}, number: 1, attemptsBefore: 0 })
    if (problem !== null) throw new Error(problem)
    // What a renderer makes of it is not known yet.
    if (!isToBeRendered(terms.url)) this.#parts.checkMessage(terms)
  }

  #tellOfSkipped(name: string, firstMs: number, fromMs: number): void {
    const [since, until] = [firstMs, fromMs].map((ms) => new Date(ms).toISOString())
    const message =
      `The schedule ${JSON.stringify(name)} has missed more than ${MOST_CAUGHT_UP} times since ${since}: those before ` +
      `${until} do not fire.`
    this.#parts.events.emit('warning', { message })
  }
}
