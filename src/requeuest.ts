import type { AuthorizedRenderer } from './auth.ts'
import { clear } from './clear.ts'
import { checkBoolean, checkKeys, checkObject } from './core/check.ts'
import { redactHeaders } from './core/redact.ts'
import type { HeaderPairs } from './core/request.ts'
import { type DecryptedRow, decrypt, type EncryptedRow } from './decrypt.ts'
import { resolveKeys } from './encryption/keys.ts'
import { Vault } from './encryption/vault.ts'
import { hidden, InvalidInputError, RequeuestError } from './errors.ts'
import { type FindOptions, type FoundRequest, find } from './find.ts'
import { type MigrateOptions, migrate } from './migrate.ts'
import { resolveNetworkRules } from './net/rules.ts'
import { resolveSigning } from './net/signing.ts'
import { resolveTransports } from './net/transport.ts'
import { type RequeuestOptions, type ResolvedOptions, resolveOptions } from './options.ts'
import { type Renderer, Renderers, type TransactionOf } from './renderers.ts'
import type { AcceptedResponse } from './response.ts'
import { type Network, Running } from './running.ts'
import { Events, type RequeuestEventName, type RequeuestEvents } from './runtime/events.ts'
import { checkSession } from './session.ts'
import type { SpawnInput } from './spawn/input.ts'
import { Notifier } from './spawn/notifier.ts'
import {
  checkChannel,
  checkChannels,
  checkId,
  type Order,
  resolveOrder,
  type SpawnManyOptions,
  type SpawnOptions,
  type SpawnReturningOptions,
} from './spawn/options.ts'
import { spawn, spawnMany } from './spawn/spawn.ts'
import { resolveStartOptions, resolveStopOptions, type StartOptions, type StopOptions } from './start-options.ts'
import { inTransaction, type PrismaClientLike } from './store/db.ts'
import { openLine, releaseLine } from './store/lines.ts'
import { checkWaitOptions, Waiting, type WaitOptions } from './wait.ts'

/**
 * A durable queue of HTTP requests in the database behind a Prisma client.
 *
 * An instance spawns requests, waits for them and reads their history; it sends nothing until `start()`. Any
 * number of instances in any number of processes may share a database.
 */
export class Requeuest<C extends PrismaClientLike = PrismaClientLike> implements AsyncDisposable {
  readonly #db: PrismaClientLike
  readonly #options: ResolvedOptions
  readonly #network: Network
  readonly #vault: Vault
  readonly #renderers: Renderers
  readonly #events = new Events()
  readonly #waiting: Waiting
  readonly #notifier: Notifier | undefined
  #running: Running | undefined

  /**
   * @param prisma - a generated Prisma 7 client for PostgreSQL, extended or not
   * @throws {@link InvalidInputError} when an option is unknown or out of range
   */
  constructor(prisma: C, options: RequeuestOptions = {}) {
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
    this.#waiting = new Waiting(prisma, this.#vault, this.#onError)
    if (this.#options.notify) this.#notifier = new Notifier(prisma, this.#onError)
    this.on('delivered', ({ requestId }) => this.#waiting.settled(requestId))
    this.on('failed', ({ requestId }) => this.#waiting.settled(requestId))
  }

  /**
   * Writes a request that will be sent until it is accepted. With `options.tx` it is part of that transaction, and is
   * sent if and only if that commits.
   *
   * @returns the request's id
   * @throws {@link InvalidInputError} when something cannot work; nothing was written then
   * @throws {@link RequeuestError} with code `not_migrated`, `transaction_closed` or `database_error`
   */
  async spawn(channel: string, request: SpawnInput, options: SpawnOptions = {}): Promise<string> {
    const id = await spawn(this.#db, channel, request, options, this.#options, this.#vault)
    this.#spawned(channel, options.tx)
    return id
  }

  /**
   * As {@link spawn}, for many requests in one statement: all are written or none.
   *
   * @returns the ids in the order of `requests`
   */
  async spawnMany(channel: string, requests: readonly SpawnInput[], options: SpawnManyOptions = {}): Promise<string[]> {
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
    const hide = (headers: HeaderPairs) => redactHeaders(headers, this.#options.redactHeaders)
    return find(this.#db, this.#vault, checkId(id), shows ? (headers) => headers : hide)
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
   * Starts the worker: from here on this process claims and sends requests of the given channels.
   *
   * @throws {@link InvalidInputError}; {@link RequeuestError} with code `not_migrated` when the tables are missing
   */
  async start(options: StartOptions): Promise<void> {
    const terms = resolveStartOptions(options)
    await checkSession(this.#db, this.#events)
    if (this.#running) throw new RequeuestError('already_started', 'This instance is started already: stop() it first.')
    const { render } = this.#renderers
    this.#running = new Running(
      this.#db,
      this.#events,
      this.#options,
      this.#network,
      this.#vault,
      render,
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
    render: Renderer<Args, TransactionOf<C>> | AuthorizedRenderer<Args, TransactionOf<C>>,
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
