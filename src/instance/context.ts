import { ActivityRecorder } from '../activity/recorder.ts'
import { Renderers } from '../deliver/renderers.ts'
import { resolveSigning } from '../deliver/signing.ts'
import { resolveKeys } from '../encryption/keys.ts'
import { Vault } from '../encryption/vault.ts'
import { hidden, InvalidInputError, isRequeuestError, RequeuestError, reasonOf } from '../errors.ts'
import { Events } from '../events/events.ts'
import type { Handler } from '../handlers/registry.ts'
import type { HeaderPairs } from '../message/message.ts'
import { redactHeaders } from '../message/redact.ts'
import { withNotices } from '../net/guard/notice.ts'
import { resolveNetworkRules } from '../net/guard/rules.ts'
import { resolveTransports } from '../net/transport.ts'
import { type RequeuestOptions, type ResolvedOptions, resolveOptions } from '../options/instance.ts'
import { Waiting } from '../results/wait.ts'
import { InsertBatcher } from '../spawn/insert-batcher.ts'
import { Notifier } from '../spawn/notifier.ts'
import { Database } from '../store/database.ts'
import type { PrismaClientLike } from '../store/db.ts'
import type { Drain } from './drain.ts'
import { Lifecycle } from './lifecycle.ts'
import { logEvents } from './logging.ts'
import type { Network } from './pipeline.ts'
import type { Running } from './running.ts'
import { checkSession } from './session.ts'

/** What an instance is made of, wired up from its client and its options. */
export class Context {
  readonly db: Database
  readonly options: ResolvedOptions
  readonly network: Network
  readonly vault: Vault
  readonly renderers: Renderers
  readonly events = new Events()
  readonly activity: ActivityRecorder
  readonly waiting: Waiting
  readonly inserts: InsertBatcher
  readonly #notifier: Notifier | undefined
  readonly life = new Lifecycle<Running>()
  /** Those under way. */
  readonly drains = new Set<Lifecycle<Drain>>()
  /** By their channels. */
  readonly handlers = new Map<string, Handler>()
  #session: Promise<void> | undefined

  constructor(prisma: PrismaClientLike, options: RequeuestOptions) {
    const client = checkClient(prisma)
    this.options = resolveOptions(options)
    this.db = new Database(client, this.options.schema)
    this.activity = new ActivityRecorder(this.db, this.events)
    const { network, transport, channels, encryption, maxBodyBytes, notify, logger } = this.options
    if (logger) logEvents(this.events, logger)
    const warn = (message: string) => void this.events.emit('warning', { message })
    this.network = {
      rules: withNotices(resolveNetworkRules(network), warn),
      transports: resolveTransports(transport, channels),
      signing: resolveSigning(channels),
    }
    this.vault = new Vault(resolveKeys(encryption))
    this.renderers = new Renderers(this.db, maxBodyBytes)
    this.inserts = new InsertBatcher(this.db, this.vault, notify)
    this.waiting = new Waiting(this.db, this.vault, this.onError)
    if (notify) this.#notifier = new Notifier(this.db, this.onError, warn)
    this.events.on('delivered', ({ requestId }) => this.waiting.settled(requestId))
    this.events.on('failed', ({ requestId }) => this.waiting.settled(requestId))
  }

  /** What `start()` has started, until `stop()` is called. */
  get running(): Running | undefined {
    return this.life.running
  }

  /** Checks the database as {@link checkSession} does, once. */
  async checkSession(): Promise<void> {
    this.#session ??= checkSession(this.db, this.events)
    try {
      await this.#session
    } catch (error) {
      this.#session = undefined
      throw error
    }
  }

  /** Stops what was started, and the drains. */
  async stop(timeoutMs: number): Promise<void> {
    await Promise.all([this.life, ...this.drains].map((life) => life.stop(timeoutMs)))
  }

  /**
   * Something may be due in the channel. What is not committed yet is found by polling: to tell of it in the transaction would
   * slow that down.
   *
   * @param isTold - whether other processes know of it already
   */
  async spawned(channel: string, tx: unknown, isTold = false): Promise<void> {
    this.running?.wake(channel)
    if (tx === undefined && !isTold) await this.#notifier?.spawned(channel)
  }

  readonly hide = (headers: HeaderPairs) => redactHeaders(headers, this.options.redactHeaders)

  /** Reports failed background work. It is retried after ever longer waits, so that a database may come back. */
  readonly onError = (error: unknown, failures: number): number => {
    const reported = isRequeuestError(error)
      ? error
      : new RequeuestError('database_error', `Background work failed: ${reasonOf(error)}`, { cause: error })
    this.events.emit('error', reported)
    return Math.min(2000, 100 * 2 ** failures) * (0.5 + Math.random() / 2)
  }
}

/** A transaction client has $transaction as well, but no $connect. */
export function checkClient(prisma: PrismaClientLike): PrismaClientLike {
  const given = prisma as Partial<PrismaClientLike> | undefined
  if (typeof given?.$transaction === 'function' && typeof given.$connect === 'function') return prisma
  const expected = 'a Prisma client: `new Requeuest(new PrismaClient({ adapter }))`'
  throw new InvalidInputError('prisma', hidden(prisma), expected)
}
