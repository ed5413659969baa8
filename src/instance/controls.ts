import { type CancelResult, cancel } from '../control/cancel.ts'
import { clear } from '../control/clear.ts'
import type { RequestFilter } from '../control/filter.ts'
import { type LimitOptions, setLimits } from '../control/limits.ts'
import { type PauseResult, pause, resume } from '../control/pause.ts'
import { type RedriveOptions, type RedriveResult, redrive } from '../control/redrive.ts'
import { release } from '../control/release.ts'
import { reschedule } from '../control/reschedule.ts'
import { type RetargetInput, retarget } from '../control/retarget.ts'
import type { ClearTarget, ControlTarget, LineTarget } from '../control/target.ts'
import { type ChangeResult, type ControlOptions, resolveControlOptions } from '../options/control.ts'
import type { ScheduleDefinition, ScheduleOptions } from '../schedules/definition.ts'
import { changeSchedule, type FoundSchedule, schedule, schedules } from '../schedules/schedules.ts'
import { deleteSchedule, pauseSchedule, resumeSchedule } from '../store/schedules.ts'
import type { Context } from './context.ts'

/** What can be done to requests that are spawned already, to channels and receivers, and to schedules. */
export abstract class Controls {
  readonly #context: Context

  constructor(parts: Context) {
    this.#context = parts
  }

  /**
   * Cancels the pending requests of one channel, of several, or of `'all'`. What is being sent right now goes on, and what
   * another transaction has locked is left as it is. With `options.tx` they are cancelled if and only if that commits.
   *
   * @returns how many were cancelled
   * @throws {@link InvalidInputError}; {@link RequeuestError} with code `transaction_closed` or `database_error`
   */
  async clear(target: ClearTarget, options: ControlOptions = {}): Promise<number> {
    const tx = resolveControlOptions(options)
    return clear(this.#context.db, target, tx, (id) => {
      if (tx === undefined) this.#context.waiting.settled(id)
    })
  }

  /**
   * Cancels requests that are pending or being sent: one by its id, or all to which the conditions apply. With
   * `options.tx` they are cancelled if and only if that commits. No attempt begins after that; one that is under way cannot be
   * called back, so its request is among `inFlight`, and its attempt tells how it ended.
   *
   * @throws {@link InvalidInputError}; {@link RequeuestError} with code `transaction_closed` or `database_error`
   */
  async cancel(which: string | RequestFilter, options: ControlOptions = {}): Promise<CancelResult> {
    const tx = resolveControlOptions(options)
    return cancel(this.#context.db, which, tx, ({ id, channel }) => {
      if (tx !== undefined) return
      this.#context.waiting.settled(id)
      this.#context.running?.wake(channel)
    })
  }

  /**
   * Makes a pending request due at another time, by the database's clock. One that is being sent is not changed: when it is
   * due again depends on how its attempt ends.
   *
   * @throws {@link InvalidInputError}; {@link RequeuestError} with code `transaction_closed` or `database_error`
   */
  async reschedule(id: string, runAt: Date, options: ControlOptions = {}): Promise<ChangeResult> {
    const tx = resolveControlOptions(options)
    return reschedule(this.#context.db, id, runAt, tx, (channel) => this.#context.spawned(channel, tx))
  }

  /**
   * Sends a request to another URL or with other headers from its next attempt on. One that is delivered is not changed; one that
   * failed or was cancelled can be redriven afterwards.
   *
   * @throws {@link InvalidInputError}, also for a request that a renderer makes; {@link RequeuestError} with code `transaction_closed`, `database_error`,
   *   `encryption_key_missing` or `decryption_failed`
   */
  async retarget(id: string, target: RetargetInput, options: ControlOptions = {}): Promise<ChangeResult> {
    return retarget(this.#context.db, this.#context.vault, id, target, resolveControlOptions(options))
  }

  /**
   * Makes failed and cancelled requests due again: one by its id, or all to which the conditions apply. Attempts stay and go
   * on being numbered; what a request may take and how long it waits begins anew. One of a line goes to its end, but one
   * behind which the line stands still keeps its place.
   *
   * @throws {@link InvalidInputError}; {@link RequeuestError} with code `transaction_closed` or `database_error`
   */
  async redrive(which: string | RequestFilter, options: RedriveOptions = {}): Promise<RedriveResult> {
    return redrive(this.#context.db, which, options, (channel, tx) => this.#context.spawned(channel, tx))
  }

  /**
   * Lets a line go on that stands still behind a request which failed with `order.afterFailure: 'hold'`. Held lines are
   * those `prisma.httpLine` rows whose `heldById` is set. With `options.tx` it goes on if and only if that commits, and until
   * then whatever else takes a place in the line waits.
   *
   * @returns whether the line was held
   * @throws {@link InvalidInputError}; {@link RequeuestError} with code `transaction_closed` or `database_error`
   */
  async release(target: LineTarget, options: ControlOptions = {}): Promise<boolean> {
    const { channel, wasHeld } = await release(this.#context.db, target, resolveControlOptions(options))
    this.#context.running?.wake(channel)
    return wasHeld
  }

  /**
   * Pauses a channel, or everything that goes to a receiver, in all processes: once this is committed, no worker claims
   * anything of it, and what was claimed but not sent is given back within about a second. What is under way goes on.
   *
   * @returns how many of its requests workers hold now, which is how many may be under way
   * @throws {@link InvalidInputError}
   */
  async pause(target: ControlTarget, options: ControlOptions = {}): Promise<PauseResult> {
    const paused = await pause(this.#context.db, target, resolveControlOptions(options))
    this.#context.running?.refreshLimits()
    return paused
  }

  /**
   * Ends a pause, whoever began it. A receiver is also sent to again if a breaker or its `Retry-After` keeps it back.
   *
   * @returns whether something did
   * @throws {@link InvalidInputError}
   */
  async resume(target: ControlTarget, options: ControlOptions = {}): Promise<boolean> {
    const wasPaused = await resume(this.#context.db, target, resolveControlOptions(options))
    this.#context.running?.refreshLimits()
    return wasPaused
  }

  /**
   * Limits what all processes together do of a channel, or to a receiver. Running workers follow within about a second.
   *
   * @throws {@link InvalidInputError}
   */
  async setLimits(target: ControlTarget, limits: LimitOptions, options: ControlOptions = {}): Promise<void> {
    await setLimits(this.#context.db, target, limits, resolveControlOptions(options))
    this.#context.running?.refreshLimits()
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
    const nextRunAt = await schedule(
      this.#context.db,
      name,
      definition,
      options,
      this.#context.options,
      this.#context.vault,
    )
    this.#context.running?.checkSchedules()
    return nextRunAt
  }

  /** Removes a schedule; what it has spawned goes on. Returns whether there was one. */
  async unschedule(name: string, options: ControlOptions = {}): Promise<boolean> {
    return changeSchedule(this.#context.db, name, options, deleteSchedule)
  }

  /** Stops a schedule from firing. Times in a pause are not caught up with. Returns whether it was not paused before. */
  async pauseSchedule(name: string, options: ControlOptions = {}): Promise<boolean> {
    return changeSchedule(this.#context.db, name, options, pauseSchedule)
  }

  /** Lets a paused schedule fire again, counting from now. Returns whether it was paused. */
  async resumeSchedule(name: string, options: ControlOptions = {}): Promise<boolean> {
    const resumed = await changeSchedule(this.#context.db, name, options, resumeSchedule)
    this.#context.running?.checkSchedules()
    return resumed
  }

  /**
   * All schedules, by name, as they are committed: what only reads takes no `tx`. In a transaction, and for what they send, query
   * `tx.httpSchedule`.
   */
  async schedules(): Promise<FoundSchedule[]> {
    return schedules(this.#context.db)
  }
}
