import { checkKeys, checkObject } from './check/check.ts'
import type { AuthorizedRenderer } from './deliver/auth.ts'
import type { RequestRenderer } from './deliver/renderer.ts'
import { hidden, InvalidInputError, RequeuestError } from './errors.ts'
import type { RequeuestEventName, RequeuestEvents } from './events/event.ts'
import { type SettledHandler, type SettledHandlerOptions, toHandler } from './handlers/settled.ts'
import { Context } from './instance/context.ts'
import { Controls } from './instance/controls.ts'
import { type MigrateOptions, migrate } from './instance/migrate.ts'
import { checkSession } from './instance/session.ts'
import type { SpawnInput } from './message/input.ts'
import type { RequeuestOptions } from './options/instance.ts'
import { checkId, SPAWN_RETURNING_KEYS, type SpawnOptions, type SpawnReturningOptions } from './options/spawn.ts'
import { resolveStartOptions, resolveStopOptions, type StartOptions, type StopOptions } from './options/start.ts'
import type { Reserve } from './policy/reservation.ts'
import type { TracedSpawn } from './policy/tracing.ts'
import { type DecryptedRow, decrypt, type EncryptedRow } from './results/decrypt.ts'
import { type FindOptions, type FoundRequest, find, resolveFindOptions } from './results/find.ts'
import type { AcceptedResponse } from './results/response.ts'
import { resolveWaitOptions, type WaitOptions } from './results/wait.ts'
import { spawn } from './spawn/spawn.ts'
import { type SpawnManyItem, type SpawnManyOptions, spawnMany } from './spawn/spawn-many.ts'
import { type PrismaClientLike, type TransactionOf, withDatabaseErrors } from './store/db.ts'
import { registerHandlers } from './store/handlers.ts'

/**
 * A durable queue of HTTP requests in the database behind a Prisma client.
 *
 * An instance spawns requests, waits for them and reads their history; it sends nothing until `start()`. Any
 * number of instances in any number of processes may share a database.
 */
export class Requeuest<Client extends PrismaClientLike = PrismaClientLike> extends Controls implements AsyncDisposable {
  readonly #context: Context

  /**
   * @param prisma - a generated client of Prisma 7 or 6.19 for PostgreSQL, extended or not
   * @throws {@link InvalidInputError} when an option is unknown or out of range
   */
  constructor(prisma: Client, options: RequeuestOptions = {}) {
    const parts = new Context(prisma, options)
    super(parts)
    this.#context = parts
  }

  /**
   * Writes a request, which workers send until it is accepted. With `options.tx` it is part of that transaction, and is sent if
   * and only if it commits.
   *
   * @returns the request's id; if the channel has its `dedupe.key` already, the id of the request that holds it
   * @throws {@link InvalidInputError} if an argument is invalid; nothing is written then
   * @throws {@link DuplicateRequestError} if the key is taken and `dedupe.onDuplicate` is `'error'`
   * @throws {@link RequeuestError} with code `not_migrated`, `transaction_closed` or `database_error`
   */
  async spawn(channel: string, request: SpawnInput, options: SpawnOptions = {}): Promise<string> {
    return this.#spawn({ channel }, request, options)
  }

  #spawn(traced: TracedSpawn, request: SpawnInput, options: SpawnOptions): Promise<string> {
    const { channel } = traced
    const { db, options: defaults, vault, inserts, events } = this.#context
    const reserve: Reserve = (reserved) => this.#context.running?.reserve(reserved) ?? null
    return events.instruments.spawn(traced, async (trace) => {
      const spawned = await spawn(db, channel, request, options, defaults, vault, reserve, inserts, trace)
      if (!spawned.isTaken) await this.#context.spawned(channel, spawned.tx, spawned.isTold)
      events.instruments.tell((observer) => observer.spawned(channel, 1))
      return spawned.id
    })
  }

  /**
   * As {@link spawn}, for many requests in one statement: all are written or none. An element is a request, or
   * `{ request, options }` with options of its own.
   *
   * @returns the ids, in the order of `requests`
   * @throws what {@link spawn} throws
   */
  async spawnMany(
    channel: string,
    requests: readonly (SpawnInput | SpawnManyItem)[],
    options: SpawnManyOptions = {},
  ): Promise<string[]> {
    const { db, options: defaults, vault, events } = this.#context
    return events.instruments.spawn({ channel, count: requests?.length }, async (trace) => {
      const { ids, tx } = await spawnMany(db, channel, requests, options, defaults, vault, trace)
      await this.#context.spawned(channel, tx)
      events.instruments.tell((observer) => observer.spawned(channel, ids.length))
      return ids
    })
  }

  /**
   * Spawns a request and waits for the accepted response. Requires a worker on the channel, in any process. An error or timeout
   * of the wait does not cancel the request.
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
        'omitted: spawn(…, { tx }) and, after the commit, waitFor(id)',
      )
    }
    checkKeys('options', options, SPAWN_RETURNING_KEYS)
    const { signal, waitTimeout, ...spawnOptions } = options
    const wait = resolveWaitOptions(
      { ...(signal !== undefined && { signal }), ...(waitTimeout !== undefined && { timeout: waitTimeout }) },
      'options.waitTimeout',
    )
    signal?.throwIfAborted()
    const id = await this.#spawn({ channel, isAwaited: true }, request, spawnOptions)
    return this.#context.waiting.waitFor(id, wait)
  }

  /**
   * Waits for a request to become final, whichever process sends it, also after a restart.
   *
   * @returns the accepted response
   * @throws {@link RequestFailedError}, {@link RequestCancelledError}, {@link WaitTimeoutError}, the signal's reason, or
   *   {@link RequeuestError} with code `request_not_found`
   */
  async waitFor(id: string, options: WaitOptions = {}): Promise<AcceptedResponse> {
    const terms = resolveWaitOptions(options)
    return this.#context.waiting.waitFor(checkId(id), terms)
  }

  /**
   * Returns a request and its last attempts, decrypted, or null if it does not exist. For more, query `prisma.httpRequest`.
   *
   * @throws {@link InvalidInputError}; {@link RequeuestError} with code `encryption_key_missing` or `decryption_failed`
   */
  async find(id: string, options: FindOptions = {}): Promise<FoundRequest | null> {
    const terms = resolveFindOptions(options)
    const { db, vault, hide } = this.#context
    return find(db, vault, checkId(id), terms, terms.reveal ? (headers) => headers : hide)
  }

  /**
   * Returns a row of Prisma's with its headers and body decrypted and not hidden. Requires `encryptionKey`, `headers`, `body` and
   * the row's key columns; other columns stay as they are.
   *
   * @throws {@link InvalidInputError}; {@link RequeuestError} with code `encryption_key_missing` or `decryption_failed`
   */
  decrypt<R extends EncryptedRow>(row: R): DecryptedRow<R> {
    return decrypt(this.#context.vault, row)
  }

  /**
   * From the next `start()` on, calls `handler` for each request of the channel that becomes final, in the transaction that
   * records the outcome: what it writes with `tx` is committed with the outcome, exactly once. If it throws or exceeds its
   * timeout, the outcome is recorded alone, and the handler is retried after the instance's `retry.backoff`, without end. It also
   * runs later for requests that became final unsent, or in a process without the handler.
   *
   * @throws {@link InvalidInputError}, also if the channel has a handler already; {@link RequeuestError} with code
   *   `already_started` from `start()` on until `stop()`
   */
  onSettled(
    channel: string,
    handler: SettledHandler<TransactionOf<Client>>,
    options: SettledHandlerOptions = {},
  ): this {
    const checked = toHandler(channel, handler, options, this.#context.vault, this.#context.hide)
    if (this.#context.handlers.has(channel))
      throw new InvalidInputError('channel', channel, 'one that has no handler yet')
    if (!this.#context.life.isBeforeStart)
      throw new RequeuestError('already_started', 'Handlers must be registered before start(): call stop() first.')
    this.#context.handlers.set(channel, checked)
    return this
  }

  /**
   * Starts the worker: this process claims and sends requests of the given channels. If `stop()` is called meanwhile, `start()`
   * still resolves, and nothing runs.
   *
   * @throws {@link InvalidInputError}; {@link RequeuestError} with code `not_migrated` if the tables are missing, or
   *   `already_started` if it was started before and `stop()` has not resolved since
   */
  async start(options: StartOptions): Promise<void> {
    const terms = resolveStartOptions(options, this.#context.options.notify)
    const { db, events, life } = this.#context
    const handlers = new Map(this.#context.handlers)
    await life.start(async () => {
      // It brings undici and all that sends, which a process that only spawns does not need.
      const loading = import('./instance/running.ts')
      const [{ Running }] = await Promise.all([loading, checkSession(db, events)])
      if (handlers.size > 0) await withDatabaseErrors(() => registerHandlers(db, [...handlers.keys()]))
      return () => events.instruments.detached(() => new Running(this.#context, handlers, terms))
    })
  }

  /**
   * Registers a renderer: it makes the requests that were spawned as `{ render: name, args }` when this process sends them. It is
   * a function, or what `bearer` or `oauth2ClientCredentials` return.
   *
   * @throws {@link InvalidInputError} if the name is invalid or has a renderer already
   */
  renderer<Args = unknown>(
    name: string,
    render: RequestRenderer<Args, TransactionOf<Client>> | AuthorizedRenderer<Args, TransactionOf<Client>>,
  ): this {
    this.#context.renderers.add(name, render)
    this.#context.running?.rendererAdded(name)
    return this
  }

  /**
   * Stops the worker and drains: claims nothing more, waits for attempts under way and records them. May be called at any time and more than
   * once: all calls resolve when nothing runs, and the shortest of their timeouts counts, so `stop({ timeout: 0 })` hurries an
   * earlier call. `start()` may be called again afterwards.
   *
   * @throws {@link InvalidInputError}
   */
  async stop(options: StopOptions = {}): Promise<void> {
    await this.#context.stop(resolveStopOptions(options))
  }

  /** As {@link stop}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  /** Applies the migrations of this package that the database lacks, as `prisma migrate deploy` would. Returns their names. */
  async migrate(options?: MigrateOptions): Promise<{ applied: string[] }> {
    return migrate(this.#context.db, options)
  }

  /** Adds a listener for an event of this instance. Throws {@link InvalidInputError} if there is no such event. */
  on<N extends RequeuestEventName>(name: N, listener: (event: RequeuestEvents[N]) => void): this {
    this.#context.events.on(name, listener)
    return this
  }

  /** Removes a listener. */
  off<N extends RequeuestEventName>(name: N, listener: (event: RequeuestEvents[N]) => void): this {
    this.#context.events.off(name, listener)
    return this
  }
}
