import { type Cancelled, cancel } from './control/cancel.ts'
import type { ChannelOrOrigin } from './control/channel-or-origin.ts'
import { clear } from './control/clear.ts'
import type { RequestFilter } from './control/filter.ts'
import { type LimitOptions, setLimits } from './control/limits.ts'
import { type Changed, type ControlOptions, resolveControlOptions } from './control/options.ts'
import { type Paused, pause, resume } from './control/pause.ts'
import { type Redriven, type RedriveOptions, redrive } from './control/redrive.ts'
import { reschedule } from './control/reschedule.ts'
import { retarget, type Target } from './control/retarget.ts'
import type { Parts } from './parts.ts'
import { changeSchedule, type Schedule, schedule, schedules } from './schedules.ts'
import { checkChannel, checkChannels, type Order, resolveOrder } from './spawn/options.ts'
import type { ScheduleDefinition, ScheduleOptions } from './spawn/schedule.ts'
import { inTransaction } from './store/db.ts'
import { releaseLine, unblockLine } from './store/lines.ts'
import { deleteSchedule, pauseSchedule, resumeSchedule } from './store/schedules.ts'

/** What can be done to requests that are spawned already, to channels and receivers, and to schedules. */
export abstract class Controls {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /**
   * Cancels the pending requests of one channel, of several, or of `'all'`. What is being sent right now goes on.
   *
   * @returns how many were cancelled
   */
  async clear(channels: string | readonly string[] | 'all'): Promise<number> {
    const names =
      channels === 'all' ? null : checkChannels('channels', typeof channels === 'string' ? [channels] : channels)
    return clear(this.#parts.db, names, (id) => this.#parts.waiting.settled(id))
  }

  /**
   * Cancels requests that are pending or being sent: one by its id, or all to which the conditions apply. With
   * `options.tx` they are cancelled if and only if that commits. No try begins after that; one that is under way cannot be
   * called back, so its request is among `inFlight`, and its attempt tells how it ended.
   *
   * @throws {@link InvalidInputError}; {@link RequeuestError} with code `transaction_closed` or `database_error`
   */
  async cancel(which: string | RequestFilter, options: ControlOptions = {}): Promise<Cancelled> {
    const tx = resolveControlOptions(options)
    return cancel(this.#parts.db, which, tx, ({ id, channel }) => {
      if (tx !== undefined) return
      this.#parts.waiting.settled(id)
      this.#parts.running?.wake(channel)
    })
  }

  /**
   * Makes a pending request due at another time, by the database's clock. One that is being sent is not changed: when it is
   * due again depends on how its try ends.
   *
   * @throws {@link InvalidInputError}; {@link RequeuestError} with code `transaction_closed` or `database_error`
   */
  async reschedule(id: string, runAt: Date, options: ControlOptions = {}): Promise<Changed> {
    const tx = resolveControlOptions(options)
    return reschedule(this.#parts.db, id, runAt, tx, (channel) => this.#parts.spawned(channel, tx))
  }

  /**
   * Sends a request to another URL or with other headers from its next try on. One that is delivered is not changed; one that
   * failed or was cancelled can be redriven afterwards.
   *
   * @throws {@link InvalidInputError}, also for a request that a renderer makes; {@link RequeuestError} with code `transaction_closed`, `database_error`,
   *   `encryption_key_missing` or `decryption_failed`
   */
  async retarget(id: string, target: Target, options: ControlOptions = {}): Promise<Changed> {
    return retarget(this.#parts.db, this.#parts.vault, id, target, resolveControlOptions(options))
  }

  /**
   * Makes failed and cancelled requests due again: one by its id, or all to which the conditions apply. Attempts stay and go
   * on being numbered; what a request may take and how long it waits begins anew. One of a line goes to its end, but one
   * behind which the line stands still keeps its place.
   *
   * @throws {@link InvalidInputError}; {@link RequeuestError} with code `transaction_closed` or `database_error`
   */
  async redrive(which: string | RequestFilter, options: RedriveOptions = {}): Promise<Redriven> {
    return redrive(this.#parts.db, which, options, (channel, tx) => this.#parts.spawned(channel, tx))
  }

  /**
   * Lets a line go on that stands still behind a request which failed with `afterFailure: 'hold'`. Held lines are
   * those `prisma.httpLine` rows whose `heldById` is set.
   *
   * @returns whether the line was held
   */
  async release(channel: string, order: Order): Promise<boolean> {
    const key = resolveOrder('order', order)
    const name = checkChannel(channel)
    const [held] = await inTransaction(this.#parts.db, [
      releaseLine(this.#parts.db, name, key),
      unblockLine(this.#parts.db, name, key),
    ])
    this.#parts.running?.wake(name)
    return held.length > 0
  }

  /**
   * Pauses a channel, or everything that goes to a receiver, in all processes: once this is committed, no worker claims
   * anything of it, and what was claimed but not sent is given back within about a second. What is under way goes on.
   *
   * @returns how many of its requests workers hold now, which is how many may be under way
   * @throws {@link InvalidInputError}
   */
  async pause(target: ChannelOrOrigin, options: ControlOptions = {}): Promise<Paused> {
    const paused = await pause(this.#parts.db, target, resolveControlOptions(options))
    this.#parts.running?.refreshLimits()
    return paused
  }

  /**
   * Ends a pause, whoever began it. A receiver is also sent to again if a breaker or its `Retry-After` keeps it back.
   *
   * @returns whether something did
   * @throws {@link InvalidInputError}
   */
  async resume(target: ChannelOrOrigin, options: ControlOptions = {}): Promise<boolean> {
    const wasPaused = await resume(this.#parts.db, target, resolveControlOptions(options))
    this.#parts.running?.refreshLimits()
    return wasPaused
  }

  /**
   * Limits what all processes together do of a channel, or to a receiver. Running workers follow within about a second.
   *
   * @throws {@link InvalidInputError}
   */
  async setLimits(target: ChannelOrOrigin, limits: LimitOptions, options: ControlOptions = {}): Promise<void> {
    await setLimits(this.#parts.db, target, limits, resolveControlOptions(options))
    this.#parts.running?.refreshLimits()
  }

  /**
   * Spawns a request again and again, at the times of a cron expression. A schedule of that name is changed: while its `cron`
   * and `timezone` stay the same, so does its next time, and a paused one stays paused. So an application may call this
   * each time it starts. Any worker fires what is due, whatever its channels; none has to lead.
   *
   * @param name - 1 to 200 characters
   * @returns when it fires next, by the database's clock; null while it is paused
   * @throws what {@link spawn} throws; nothing was written then
   */
  async schedule(name: string, definition: ScheduleDefinition, options: ScheduleOptions = {}): Promise<Date | null> {
    const nextRunAt = await schedule(this.#parts.db, name, definition, options, this.#parts.options, this.#parts.vault)
    this.#parts.running?.checkSchedules()
    return nextRunAt
  }

  /** Removes a schedule; what it has spawned goes on. Returns whether there was one. */
  async unschedule(name: string, options: ControlOptions = {}): Promise<boolean> {
    return changeSchedule(this.#parts.db, name, options, deleteSchedule)
  }

  /** Stops a schedule from firing. Times in a pause are not caught up with. Returns whether it was not paused before. */
  async pauseSchedule(name: string, options: ControlOptions = {}): Promise<boolean> {
    return changeSchedule(this.#parts.db, name, options, pauseSchedule)
  }

  /** Lets a paused schedule fire again, counting from now. Returns whether it was paused. */
  async resumeSchedule(name: string, options: ControlOptions = {}): Promise<boolean> {
    const resumed = await changeSchedule(this.#parts.db, name, options, resumeSchedule)
    this.#parts.running?.checkSchedules()
    return resumed
  }

  /** All schedules, by name. What they send is in `prisma.httpSchedule`. */
  async schedules(): Promise<Schedule[]> {
    return schedules(this.#parts.db)
  }
}
