import { MAX_SPAN_MS } from '../check/bounds.ts'
import { prepareRequest } from '../net/outgoing.ts'
import { Firing, type FiringParts } from '../schedules/firing.ts'
import type { Database } from '../store/database.ts'
import { inTransaction, withDatabaseErrors } from '../store/db.ts'
import { type DueSchedule, findDueSchedules, listSchedules } from '../store/schedules.ts'
import { shiftSpawned } from '../store/time-travel.ts'

const MOST_SCHEDULES = 10_000
const PATIENCE_MS = 1000

/** Null for all. */
type Channels = readonly string[] | null

/**
 * The time of schedules, which is ahead of the database's by as much as it was advanced. Their rows cannot be moved back as those of
 * requests: a cron expression would give the same times again, and one time spawns one request.
 */
export class Calendar {
  readonly #db: Database
  readonly #firing: Firing
  /** By how many milliseconds each schedule is ahead. */
  readonly #ahead = new Map<string, number>()

  constructor({ db, vault, events }: Pick<FiringParts, 'vault' | 'events'> & { db: Database }) {
    this.#db = db
    this.#firing = new Firing({ db, vault, events, checkMessage: prepareRequest })
  }

  /**
   * Advances the schedules of these channels, or all when null, and spawns what becomes due by that. As after a time without workers,
   * `catchUp` says what is spawned.
   */
  async advance(channels: Channels, ms: number): Promise<void> {
    for (const { name } of await this.#schedules(channels)) this.#ahead.set(name, this.#aheadOf(name) + ms)
    let fired: number
    do {
      fired = 0
      for (const schedule of await this.#schedules(channels)) fired += await this.#fire(schedule)
    } while (fired > 0)
  }

  /** In how many milliseconds a schedule of these channels fires next. */
  async nextInMs(channels: Channels): Promise<number | null> {
    const times = (await this.#schedules(channels)).flatMap(({ name, nextRunAtMs, nowMs }) =>
      nextRunAtMs === null ? [] : [nextRunAtMs - nowMs - this.#aheadOf(name)],
    )
    return times.length === 0 ? null : Math.min(...times)
  }

  reset(): void {
    this.#ahead.clear()
  }

  #aheadOf(name: string): number {
    return this.#ahead.get(name) ?? 0
  }

  /** Returns how many requests were spawned. */
  async #fire(schedule: DueSchedule): Promise<number> {
    const { name, nextRunAtMs, changedAtMs, nowMs } = schedule
    const aheadMs = this.#aheadOf(name)
    const { fired } = await this.#firing.look({ ...schedule, nowMs: nowMs + aheadMs }, PATIENCE_MS)
    if (fired > 0) await inTransaction(this.#db, [shiftSpawned(this.#db, name, nextRunAtMs ?? changedAtMs, aheadMs)])
    return fired
  }

  /** Those that are not paused. */
  async #schedules(channels: Channels): Promise<DueSchedule[]> {
    const [all, planned] = await withDatabaseErrors(() =>
      Promise.all([listSchedules(this.#db), findDueSchedules(this.#db, MAX_SPAN_MS, '', MOST_SCHEDULES)]),
    )
    const names = new Set(all.filter(({ channel }) => channels?.includes(channel) ?? true).map(({ name }) => name))
    return planned.filter(({ name }) => names.has(name))
  }
}
