import { type CancelOptions, type CancelResult, cancel } from '../control/cancel.ts'
import { clear } from '../control/clear.ts'
import type { RequestFilter } from '../control/filter.ts'
import { type LimitOptions, setLimits } from '../control/limits.ts'
import { type PauseResult, pause, resume } from '../control/pause.ts'
import { type RedriveOptions, type RedriveResult, redrive } from '../control/redrive.ts'
import { release } from '../control/release.ts'
import { reschedule } from '../control/reschedule.ts'
import { type RetargetInput, retarget } from '../control/retarget.ts'
import type { ClearTarget, ControlTarget, LineTarget } from '../control/target.ts'
import { hidden, InvalidInputError } from '../errors.ts'
import { Inspect } from '../inspect/inspect.ts'
import { type ChangeResult, type ControlOptions, resolveControlOptions } from '../options/control.ts'
import type { DrainOptions, DrainResult } from '../options/drain.ts'
import { shared } from '../runtime/shared.ts'
import type { ScheduleDefinition, ScheduleOptions } from '../schedules/definition.ts'
import { changeSchedule, type FoundSchedule, schedule, schedules } from '../schedules/schedules.ts'
import { deleteSchedule, makeScheduleDue, pauseSchedule, resumeSchedule } from '../store/schedule-controls.ts'
import type { Context } from './context.ts'
import { drain } from './draining.ts'

/**
 * What an instance is made of, for this package's other entries.
 *
 * @throws {@link InvalidInputError} if it is no instance
 */
export function contextOf(requeuest: Controls): Context {
  const context = contexts.get(requeuest)
  if (context !== undefined) return context
  throw new InvalidInputError('requeuest', hidden(requeuest), 'an instance of Requeuest')
}

const contexts = shared('contexts', () => new WeakMap<Controls, Context>())

/** The methods that change spawned requests, channels, origins, lines and schedules, what shows them, and what drains them. */
export abstract class Controls {
  readonly #context: Context
  /** Shows what is in the queue and how it fares, whatever its size. */
  readonly inspect: Inspect

  constructor(parts: Context) {
    this.#context = parts
    contexts.set(this, parts)
    this.inspect = new Inspect(parts.db)
  }

  /**
   * Sends what is due and returns, without `start()`: for a process that does not stay, such as a serverless function that a
   * timer calls. It ends when nothing is due now and nothing of it is under way. Drains may overlap, and run beside workers.
   *
   * @throws {@link InvalidInputError}; {@link RequeuestError} with code `not_migrated` or `database_error`: attempts that were
   *   made are recorded then as well
   */
  async drain(options: DrainOptions): Promise<DrainResult> {
    return drain(this.#context, options)
  }

  /**
   * Cancels the pending requests of one channel, of several, or of `'all'`. Requests that are being sent and rows that another
   * transaction has locked are left alone. With `options.tx` they are cancelled if and only if it commits.
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
   * Cancels requests that are pending or being sent: one by its id, or all that match a filter. With `options.tx` they are
   * cancelled if and only if it commits. No attempt begins after that. An attempt under way is not aborted: its request is
   * listed in `inFlight`, and its outcome is recorded.
   *
   * @throws {@link InvalidInputError}; {@link RequeuestError} with code `transaction_closed` or `database_error`
   */
  async cancel(which: string | RequestFilter, options: CancelOptions = {}): Promise<CancelResult> {
    return cancel(this.#context.db, which, options, ({ id, channel }, tx) => {
      if (tx !== undefined) return
      this.#context.waiting.settled(id)
      this.#context.running?.wake(channel)
    })
  }

  /**
   * Makes a pending request due at another time, by the database's clock. A request that is being sent is not changed: the
   * outcome of its attempt decides when it is due again.
   *
   * @throws {@link InvalidInputError}; {@link RequeuestError} with code `transaction_closed` or `database_error`
   */
  async reschedule(id: string, runAt: Date, options: ControlOptions = {}): Promise<ChangeResult> {
    const tx = resolveControlOptions(options)
    return reschedule(this.#context.db, id, runAt, tx, (channel) => this.#context.spawned(channel, tx))
  }

  /**
   * Sends a request to another URL or with other headers from its next attempt on. A delivered request is not changed; a failed
   * or cancelled one can be redriven afterwards.
   *
   * @throws {@link InvalidInputError}, also for a request that a renderer makes; {@link RequeuestError} with code
   *   `transaction_closed`, `database_error`, `encryption_key_missing` or `decryption_failed`
   */
  async retarget(id: string, target: RetargetInput, options: ControlOptions = {}): Promise<ChangeResult> {
    return retarget(this.#context.db, this.#context.vault, id, target, resolveControlOptions(options))
  }

  /**
   * Makes failed and cancelled requests due again: one by its id, or all that match a filter. Recorded attempts stay and their
   * numbers continue; `maxAttempts` and the backoff start anew. An ordered request goes to the end of its line, except that one
   * which holds its line keeps its place.
   *
   * @throws {@link InvalidInputError}; {@link RequeuestError} with code `transaction_closed` or `database_error`
   */
  async redrive(which: string | RequestFilter, options: RedriveOptions = {}): Promise<RedriveResult> {
    return redrive(this.#context.db, which, options, (channel, tx) => this.#context.spawned(channel, tx))
  }

  /**
   * Releases a line that is held by a request which failed with `order.afterFailure: 'hold'`. Held lines are the
   * `prisma.httpLine` rows whose `heldById` is set. With `options.tx` the line is released if and only if it commits; until then
   * spawns and redrives into the line wait.
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
   * Pauses a channel or an origin in all processes. Once this is committed, no worker claims its requests, and those that are
   * claimed but not sent are given back within about a second. Attempts under way continue.
   *
   * @returns how many of its requests workers hold now, and may be sending
   * @throws {@link InvalidInputError}
   */
  async pause(target: ControlTarget, options: ControlOptions = {}): Promise<PauseResult> {
    const paused = await pause(this.#context.db, target, resolveControlOptions(options))
    this.#context.running?.refreshLimits()
    return paused
  }

  /**
   * Ends a pause, whoever began it. For an origin it also closes the breaker and ends a `Retry-After`.
   *
   * @returns whether it was paused or blocked
   * @throws {@link InvalidInputError}
   */
  async resume(target: ControlTarget, options: ControlOptions = {}): Promise<boolean> {
    const wasPaused = await resume(this.#context.db, target, resolveControlOptions(options))
    this.#context.running?.refreshLimits()
    return wasPaused
  }

  /**
   * Limits the concurrency or rate of a channel or an origin, for all processes together. Running workers follow within about a
   * second.
   *
   * @throws {@link InvalidInputError}
   */
  async setLimits(target: ControlTarget, limits: LimitOptions, options: ControlOptions = {}): Promise<void> {
    await setLimits(this.#context.db, target, limits, resolveControlOptions(options))
    this.#context.running?.refreshLimits()
  }

  /**
   * Creates or updates a schedule, which spawns a request at the times of a cron expression. While `cron` and `timezone` stay the
   * same, so does the next time, and a paused schedule stays paused; so an application may call this each time it starts. Any
   * worker fires due schedules, whatever its channels.
   *
   * @param name - 1 to 200 characters
   * @returns when the schedule fires next, by the database's clock; null while it is paused
   * @throws what {@link spawn} throws; nothing is written then
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

  /** Deletes a schedule; requests that it has spawned stay. Returns whether it existed. */
  async unschedule(name: string, options: ControlOptions = {}): Promise<boolean> {
    return changeSchedule(this.#context.db, name, options, deleteSchedule)
  }

  /** Pauses a schedule. Times during the pause are not caught up. Returns false if it was paused already or does not exist. */
  async pauseSchedule(name: string, options: ControlOptions = {}): Promise<boolean> {
    return changeSchedule(this.#context.db, name, options, pauseSchedule)
  }

  /** Resumes a paused schedule, counting from now. Returns whether it was paused. */
  async resumeSchedule(name: string, options: ControlOptions = {}): Promise<boolean> {
    const resumed = await changeSchedule(this.#context.db, name, options, resumeSchedule)
    this.#context.running?.checkSchedules()
    return resumed
  }

  /**
   * Makes a schedule fire now, which a worker does within three seconds; its next time is the next one of its expression. Returns false
   * if it is paused, has a problem or does not exist.
   */
  async runSchedule(name: string, options: ControlOptions = {}): Promise<boolean> {
    const isDue = await changeSchedule(this.#context.db, name, options, makeScheduleDue)
    this.#context.running?.checkSchedules()
    return isDue
  }

  /**
   * Returns all committed schedules, ordered by name. To read them in a transaction, or to see what they send, query
   * `tx.httpSchedule`.
   */
  async schedules(): Promise<FoundSchedule[]> {
    return schedules(this.#context.db)
  }
}
