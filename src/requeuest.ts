import type { AuthorizedRenderer } from './auth.ts'
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
import type { Book } from './core/booking.ts'
import { checkBoolean, checkKeys, checkObject } from './core/check.ts'
import { redactHeaders } from './core/redact.ts'
import type { HeaderPairs } from './core/request.ts'
import { type DecryptedRow, decrypt, type EncryptedRow } from './decrypt.ts'
import { resolveKeys } from './encryption/keys.ts'
import { Vault } from './encryption/vault.ts'
import { hidden, InvalidInputError, RequeuestError } from './errors.ts'
import { type FindOptions, type FoundRequest, find } from './find.ts'
import type { Handler } from './handlers/registry.ts'
import { type MigrateOptions, migrate } from './migrate.ts'
import { resolveNetworkRules } from './net/rules.ts'
import { resolveSigning } from './net/signing.ts'
import { resolveTransports } from './net/transport.ts'
import { type RequeuestOptions, type ResolvedOptions, resolveOptions } from './options.ts'
import { type Renderer, Renderers } from './renderers.ts'
import type { AcceptedResponse } from './response.ts'
import { type Network, Running } from './running.ts'
import { Events, type RequeuestEventName, type RequeuestEvents } from './runtime/events.ts'
import { changeSchedule, type Schedule, schedule, schedules } from './schedules.ts'
import { checkSession } from './session.ts'
import { type HandlerOptions, type SettledHandler, toHandler } from './settled.ts'
import type { SpawnInput } from './spawn/input.ts'
import { type SpawnManyItem, type SpawnManyOptions, spawnMany } from './spawn/many.ts'
import { Notifier } from './spawn/notifier.ts'
import {
  checkChannel,
  checkChannels,
  checkId,
  type Order,
  resolveOrder,
  type SpawnOptions,
  type SpawnReturningOptions,
} from './spawn/options.ts'
import type { ScheduleDefinition, ScheduleOptions } from './spawn/schedule.ts'
import { spawn } from './spawn/spawn.ts'
import { Together } from './spawn/together.ts'
import { resolveStartOptions, resolveStopOptions, type StartOptions, type StopOptions } from './start-options.ts'
import { inTransaction, type PrismaClientLike, type TransactionOf, withDatabaseErrors } from './store/db.ts'
import { registerHandlers } from './store/handlers.ts'
import { openLine, releaseLine } from './store/lines.ts'
import { deleteSchedule, pauseSchedule, resumeSchedule } from './store/schedules.ts'
import { checkWaitOptions, Waiting, type WaitOptions } from './wait.ts'

/**
 * A durable queue of HTTP requests in the database behind a Prisma client.
 *
 * An instance spawns requests, waits for them and reads their history; it sends nothing until `start()`. Any
 * number of instances in any number of processes may share a database.
 */
export class Requeuest<Client extends PrismaClientLike = PrismaClientLike> implements AsyncDisposable {
  readonly #db: PrismaClientLike
  readonly #options: ResolvedOptions
  readonly #network: Network
  readonly #vault: Vault
  readonly #renderers: Renderers
  readonly #events = new Events()
  readonly #waiting: Waiting
  readonly #together: Together
  readonly #notifier: Notifier | undefined
  readonly #handlers = new Map<string, Handler>()
  #running: Running | undefined

  /**
   * @param prisma - a generated Prisma 7 client for PostgreSQL, extended or not
   * @throws {@link InvalidInputError} when an option is unknown or out of range
   */
  constructor(prisma: Client, options: RequeuestOptions = {}) {
    const given = prisma as Partial<PrismaClientLike> | undefined
    // A transaction client has $transaction as well, but no $connect.
    if (typeof given?.$transaction !== 'function' || typeof given.$connect !== 'function') {
      throw new InvalidInputError(
        'prisma',
        hidden(prisma),
        'a Prisma client: `new Requeuest(new PrismaClient({ adapter }))`',
      )
    }
    this.#db = prisma
    this.#options = resolveOptions(options)
    const { network, transport, channels, encryption } = this.#options
    this.#network = {
      rules: resolveNetworkRules(network),
      transports: resolveTransports(transport, channels),
      signing: resolveSigning(channels),
    }
    this.#vault = new Vault(resolveKeys(encryption))
    this.#renderers = new Renderers(prisma, this.#options.maxBodyBytes)
    this.#together = new Together(prisma, this.#vault)
    this.#waiting = new Waiting(prisma, this.#vault, this.#onError)
    if (this.#options.notify) this.#notifier = new Notifier(prisma, this.#onError)
    this.on('delivered', ({ requestId }) => this.#waiting.settled(requestId))
    this.on('failed', ({ requestId }) => this.#waiting.settled(requestId))
  }

  /**
   * Writes a request that will be sent until it is accepted. With `options.tx` it is part of that transaction, and is
   * sent if and only if that commits.
   *
   * @returns the request's id; with a `dedupeKey` that the channel has already, the id of the request that has it
   * @throws {@link InvalidInputError} when something cannot work; nothing was written then
   * @throws {@link DuplicateRequestError} when a key is taken and `onDuplicate` is `'error'`
   * @throws {@link RequeuestError} with code `not_migrated`, `transaction_closed` or `database_error`
   */
  async spawn(channel: string, request: SpawnInput, options: SpawnOptions = {}): Promise<string> {
    const book: Book = (booked) => this.#running?.book(booked) ?? null
    const spawned = await spawn(this.#db, channel, request, options, this.#options, this.#vault, book, this.#together)
    if (!spawned.isTaken) this.#spawned(channel, options.tx)
    return spawned.id
  }

  /**
   * As {@link spawn}, for many requests in one statement: all are written or none. An element is a request, or
   * `{ request, options }` where its options differ from those of the others.
   *
   * @returns the ids in the order of `requests`
   */
  async spawnMany(
    channel: string,
    requests: readonly (SpawnInput | SpawnManyItem)[],
    options: SpawnManyOptions = {},
  ): Promise<string[]> {
    const ids = await spawnMany(this.#db, channel, requests, options, this.#options, this.#vault)
    this.#spawned(channel, options.tx)
    return ids
  }

  /**
   * Spawns a request and waits for the response that is accepted. Some process must have a worker on the channel.
   * What is thrown while waiting leaves the request in the queue.
   *
   * @throws what {@link spawn} and {@link waitFor} throw
   */
  async spawnReturning(
    channel: string,
    request: SpawnInput,
    options: SpawnReturningOptions = {},
  ): Promise<AcceptedResponse> {
    checkObject('options', options)
    if ('tx' in options) {
      throw new InvalidInputError(
        'options.tx',
        hidden(options.tx),
        'left out: spawn(…, { tx }) and, after the commit, waitFor(id)',
      )
    }
    const { signal, waitTimeoutMs, ...spawnOptions } = options
    const wait = {
      ...(signal !== undefined && { signal }),
      ...(waitTimeoutMs !== undefined && { timeoutMs: waitTimeoutMs }),
    }
    checkWaitOptions(wait, 'options.waitTimeoutMs')
    signal?.throwIfAborted()
    return this.#waiting.waitFor(await this.spawn(channel, request, spawnOptions), wait)
  }

  /**
   * Waits for a request to become final, whichever process delivers it, also after a restart.
   *
   * @returns the response that was accepted
   * @throws {@link RequestFailedError}, {@link RequestCancelledError}, {@link WaitTimeoutError}, the signal's reason, or
   *   {@link RequeuestError} with code `request_not_found`
   */
  async waitFor(id: string, options: WaitOptions = {}): Promise<AcceptedResponse> {
    checkWaitOptions(options)
    return this.#waiting.waitFor(checkId(id), options)
  }

  /**
   * The request and every try of it, decrypted, or null when there is none. For more, query `prisma.httpRequest`.
   *
   * @throws {@link RequeuestError} with code `encryption_key_missing` or `decryption_failed`
   */
  async find(id: string, options: FindOptions = {}): Promise<FoundRequest | null> {
    checkObject('options', options)
    checkKeys('options', options, ['reveal'])
    const { reveal = false } = options
    const shows = checkBoolean('options.reveal', reveal)
    return find(this.#db, this.#vault, checkId(id), shows ? (headers) => headers : this.#hide)
  }

  /**
   * A row that Prisma returned, with its headers and body readable and none of them hidden. Needs `encryptionKey`,
   * `headers`, `body` and the columns of the row's key; other columns stay as they are.
   *
   * @throws {@link InvalidInputError}; {@link RequeuestError} with code `encryption_key_missing` or `decryption_failed`
   */
  decrypt<R extends EncryptedRow>(row: R): DecryptedRow<R> {
    return decrypt(this.#vault, row)
  }

  /**
   * Cancels the pending requests of one channel, of several, or of `'all'`. What is being sent right now goes on.
   *
   * @returns how many were cancelled
   */
  async clear(channels: string | readonly string[] | 'all'): Promise<number> {
    const names =
      channels === 'all' ? null : checkChannels('channels', typeof channels === 'string' ? [channels] : channels)
    return clear(this.#db, names, (id) => this.#waiting.settled(id))
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
    return cancel(this.#db, which, tx, ({ id, channel }) => {
      if (tx !== undefined) return
      this.#waiting.settled(id)
      this.#running?.wake(channel)
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
    return reschedule(this.#db, id, runAt, tx, (channel) => this.#spawned(channel, tx))
  }

  /**
   * Sends a request to another URL or with other headers from its next try on. One that is delivered is not changed; one that
   * failed or was cancelled can be redriven afterwards.
   *
   * @throws {@link InvalidInputError}, also for a request that a renderer makes; {@link RequeuestError} with code `transaction_closed`, `database_error`,
   *   `encryption_key_missing` or `decryption_failed`
   */
  async retarget(id: string, target: Target, options: ControlOptions = {}): Promise<Changed> {
    return retarget(this.#db, this.#vault, id, target, resolveControlOptions(options))
  }

  /**
   * Makes failed and cancelled requests due again: one by its id, or all to which the conditions apply. Attempts stay and go
   * on being numbered; what a request may take and how long it waits begins anew. One of a line goes to its end, but one
   * behind which the line stands still keeps its place.
   *
   * @throws {@link InvalidInputError}; {@link RequeuestError} with code `transaction_closed` or `database_error`
   */
  async redrive(which: string | RequestFilter, options: RedriveOptions = {}): Promise<Redriven> {
    return redrive(this.#db, which, options, (channel, tx) => this.#spawned(channel, tx))
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
    const [held] = await inTransaction(this.#db, [releaseLine(this.#db, name, key), openLine(this.#db, name, key)])
    this.#running?.wake(name)
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
    const paused = await pause(this.#db, target, resolveControlOptions(options))
    this.#running?.refreshLimits()
    return paused
  }

  /**
   * Ends a pause, whoever began it. A receiver is also sent to again if a breaker or its `Retry-After` keeps it back.
   *
   * @returns whether something did
   * @throws {@link InvalidInputError}
   */
  async resume(target: ChannelOrOrigin, options: ControlOptions = {}): Promise<boolean> {
    const wasPaused = await resume(this.#db, target, resolveControlOptions(options))
    this.#running?.refreshLimits()
    return wasPaused
  }

  /**
   * Limits what all processes together do of a channel, or to a receiver. Running workers follow within about a second.
   *
   * @throws {@link InvalidInputError}
   */
  async setLimits(target: ChannelOrOrigin, limits: LimitOptions, options: ControlOptions = {}): Promise<void> {
    await setLimits(this.#db, target, limits, resolveControlOptions(options))
    this.#running?.refreshLimits()
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
    const nextRunAt = await schedule(this.#db, name, definition, options, this.#options, this.#vault)
    this.#running?.checkSchedules()
    return nextRunAt
  }

  /** Removes a schedule; what it has spawned goes on. Returns whether there was one. */
  async unschedule(name: string, options: ControlOptions = {}): Promise<boolean> {
    return changeSchedule(this.#db, name, options, deleteSchedule)
  }

  /** Stops a schedule from firing. Times in a pause are not caught up with. Returns whether it was not paused before. */
  async pauseSchedule(name: string, options: ControlOptions = {}): Promise<boolean> {
    return changeSchedule(this.#db, name, options, pauseSchedule)
  }

  /** Lets a paused schedule fire again, counting from now. Returns whether it was paused. */
  async resumeSchedule(name: string, options: ControlOptions = {}): Promise<boolean> {
    const resumed = await changeSchedule(this.#db, name, options, resumeSchedule)
    this.#running?.checkSchedules()
    return resumed
  }

  /** All schedules, by name. What they send is in `prisma.httpSchedule`. */
  async schedules(): Promise<Schedule[]> {
    return schedules(this.#db)
  }

  /**
   * From the next `start()` on, calls `handler` for each request of the channel that became final, exactly once as far as
   * the database is concerned: in the transaction that records the outcome, so that what it writes with `tx` is committed
   * with that or not at all. If it throws or takes too long, the outcome is recorded alone, and the handler is tried again
   * after the instance's `backoff`, without end. It is run later as well where a request became final unsent, or in a
   * process that has no handler.
   *
   * @throws {@link InvalidInputError}, also when the channel has a handler already; {@link RequeuestError} with code
   *   `already_started` when the worker is running
   */
  onSettled(channel: string, handler: SettledHandler<TransactionOf<Client>>, options: HandlerOptions = {}): this {
    const checked = toHandler(channel, handler, options, this.#vault, this.#hide)
    if (this.#handlers.has(channel)) throw new InvalidInputError('channel', channel, 'one that has no handler yet')
    if (this.#running)
      throw new RequeuestError('already_started', 'Handlers are to be there before start(): stop() first.')
    this.#handlers.set(channel, checked)
    return this
  }

  /**
   * Starts the worker: from here on this process claims and sends requests of the given channels.
   *
   * @throws {@link InvalidInputError}; {@link RequeuestError} with code `not_migrated` when the tables are missing
   */
  async start(options: StartOptions): Promise<void> {
    const terms = resolveStartOptions(options)
    const handlers = new Map(this.#handlers)
    await checkSession(this.#db, this.#events)
    if (handlers.size > 0) await withDatabaseErrors(() => registerHandlers(this.#db, [...handlers.keys()]))
    if (this.#running) throw new RequeuestError('already_started', 'This instance is started already: stop() it first.')
    this.#running = new Running(
      this.#db,
      this.#events,
      this.#options,
      this.#network,
      this.#vault,
      handlers,
      this.#renderers.render,
      terms,
      this.#onError,
    )
  }

  /**
   * Makes the requests of that name, which were spawned as `{ render: name, args }`, when this process sends them:
   * by a function, or by what `bearer` or `oauth2ClientCredentials` return.
   *
   * @throws {@link InvalidInputError} when the name cannot be one or has a renderer already
   */
  renderer<Args = unknown>(
    name: string,
    render: Renderer<Args, TransactionOf<Client>> | AuthorizedRenderer<Args, TransactionOf<Client>>,
  ): this {
    this.#renderers.add(name, render)
    this.#running?.rendererAdded(name)
    return this
  }

  /** Stops the worker: claims nothing more, waits for what is under way and records it. */
  async stop(options: StopOptions = {}): Promise<void> {
    const timeoutMs = resolveStopOptions(options)
    const running = this.#running
    this.#running = undefined
    await running?.stop(timeoutMs)
  }

  /** As {@link stop}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  /** Applies this package's migrations that the database lacks, as `prisma migrate deploy` would. */
  async migrate(options?: MigrateOptions): Promise<{ applied: string[] }> {
    return migrate(this.#db, options)
  }

  /** Calls `listener` on every event of that name in this process. */
  on<N extends RequeuestEventName>(name: N, listener: (event: RequeuestEvents[N]) => void): this {
    this.#events.on(name, listener)
    return this
  }

  /** Takes a listener off again. */
  off<N extends RequeuestEventName>(name: N, listener: (event: RequeuestEvents[N]) => void): this {
    this.#events.off(name, listener)
    return this
  }

  readonly #hide = (headers: HeaderPairs) => redactHeaders(headers, this.#options.redactHeaders)

  /** What is not committed yet is found by polling: to tell of it in the transaction would slow that down. */
  #spawned(channel: string, tx: unknown): void {
    this.#running?.wake(channel)
    if (tx === undefined) this.#notifier?.spawned(channel)
  }

  /** Reports failed background work. It is tried again after ever longer waits, so that a database may come back. */
  readonly #onError = (error: unknown, failures: number): number => {
    const reported =
      error instanceof RequeuestError ? error : new RequeuestError('database_error', String(error), { cause: error })
    this.#events.emit('error', reported)
    return Math.min(2000, 100 * 2 ** failures) * (0.5 + Math.random() / 2)
  }
}
