import { MAX_SPAN_MS } from '../check/bounds.ts'
import { checkDuration, type Duration } from '../check/duration.ts'
import { checkId } from '../options/spawn.ts'
import type { Requeuest } from '../requeuest.ts'
import type { FoundAttempt, FoundRequest } from '../results/find.ts'
import { Calendar } from './calendar.ts'
import { advance } from './clock.ts'
import { drain, type TestDrainResult } from './drain.ts'
import {
  resolveDrainOptions,
  resolveSettledOptions,
  type TestDrainOptions,
  type TestSettledOptions,
} from './drain-options.ts'
import { type ExpectSpawnedOptions, expectSpawned } from './expect-spawned.ts'
import { attempt, settled } from './one.ts'
import { deleteRows } from './reset.ts'
import { resolveScope, type Scope, type TestingOptions } from './scope.ts'
import { findOthers, type SpawnedFilter, type SpawnedRequest } from './spawned.ts'

/**
 * Tests what an application spawns, and delivers it when the test says so. Made by {@link testing}.
 *
 * What changes rows throws {@link ExpectationError} unless the database is one for tests: see {@link TestingOptions.database}.
 */
export class TestKit implements AsyncDisposable {
  readonly #scope: Scope
  readonly #calendar: Calendar

  constructor(scope: Scope) {
    this.#scope = scope
    this.#calendar = new Calendar(scope.context)
  }

  /**
   * The requests that were written while `work` ran and are there when it is over, in whatever way they were spawned: also rows that
   * it created through Prisma. What others spawn meanwhile in the same channels counts as well.
   */
  async spawnedBy(work: () => unknown): Promise<SpawnedRequest[]> {
    const before = await findOthers(this.#scope, [])
    await work()
    return findOthers(
      this.#scope,
      before.map(({ id }) => id),
    )
  }

  /**
   * Expects spawned requests, and returns them: pending ones and those that are being sent, but final ones only if the filter has a
   * `state`.
   *
   * @throws {@link ExpectationError} that lists what there is instead; `InvalidInputError`
   */
  async expectSpawned(filter: SpawnedFilter, options: ExpectSpawnedOptions & { count: 0 }): Promise<[]>
  async expectSpawned(
    filter?: SpawnedFilter,
    options?: ExpectSpawnedOptions,
  ): Promise<[SpawnedRequest, ...SpawnedRequest[]]>
  async expectSpawned(
    filter: SpawnedFilter = {},
    options: ExpectSpawnedOptions = {},
  ): Promise<[] | [SpawnedRequest, ...SpawnedRequest[]]> {
    return (await expectSpawned(this.#scope, filter, options)) as [] | [SpawnedRequest, ...SpawnedRequest[]]
  }

  /**
   * Sends what is due, without `start()`, and all that is spawned by that, such as by handlers; fires due schedules. With
   * `options.until` it lets time pass as well.
   *
   * @throws {@link ExpectationError} if a request failed, unless `options.failures` is `'return'`, or after more than
   *   `options.limit` attempts; `RequeuestError` with code `already_started` if the instance was started
   */
  async drain(options: TestDrainOptions = {}): Promise<TestDrainResult> {
    return drain(this.#scope, this.#calendar, resolveDrainOptions(options))
  }

  /**
   * Lets time pass at once, 1 ms to 100 years: moves the times of requests, attempts, lines and limits into the past, in one
   * transaction, and fires schedules that are due then. Nothing is sent. Times that a test has read before no longer hold.
   */
  async advance(time: Duration): Promise<void> {
    await advance(this.#scope, this.#calendar, checkDuration('time', time, 1, MAX_SPAN_MS))
  }

  /**
   * Makes the next attempt of a pending request now, even if it is not due yet, and of no other.
   *
   * @throws {@link ExpectationError} if there is none to be made; `RequeuestError` with code `already_started`
   */
  async attempt(id: string): Promise<FoundAttempt> {
    return attempt(this.#scope, checkId(id))
  }

  /**
   * Sends a request until it is final, and what else is due in its channel; time passes for the channel as needed.
   *
   * @throws {@link ExpectationError} if it failed, unless `options.failures` is `'return'`, if it cannot become final, or after more
   *   than `options.limit` attempts; `RequeuestError` with code `already_started`
   */
  async settled(id: string, options: TestSettledOptions = {}): Promise<FoundRequest> {
    return settled(this.#scope, this.#calendar, checkId(id), resolveSettledOptions(options))
  }

  /** Deletes the requests, schedules, limits and lines of the channels, and resets the receivers. */
  async reset(): Promise<void> {
    const { context, channels, database, receivers } = this.#scope
    await deleteRows(context.db, channels, database)
    this.#calendar.reset()
    for (const receiver of receivers) receiver.reset()
  }

  /** Closes the receivers. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#scope.receivers.map((receiver) => receiver.close()))
  }
}

/**
 * A kit to test what an application spawns.
 *
 * @param requeuest - the application's instance, not started; with `network: { allow: ['127.0.0.1'] }` for receivers on this machine
 * @throws `InvalidInputError`
 */
export function testing(requeuest: Requeuest, options: TestingOptions = {}): TestKit {
  return new TestKit(resolveScope(requeuest, options))
}
