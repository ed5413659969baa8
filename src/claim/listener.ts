import { setTimeout as sleep } from 'node:timers/promises'
import { v4 as uuid } from 'uuid'
import { hidden, InvalidInputError, RequeuestError } from '../errors.ts'
import { Loop } from '../runtime/loop.ts'
import { peek } from '../runtime/thrown.ts'
import { type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import type { ListenClient } from '../store/listen-client.ts'
import { listenTo, notifyTopic, TOPIC } from '../store/notifications.ts'

/** A notification that the pool sends arrives within this, or the connection cannot listen. */
const HEARD_WITHIN_MS = 5000
const UNABLE_PAUSE_MS = 60_000
/** An unreachable server does not answer the end of a connection, and a pending connect may never end. */
const CLOSED_WITHIN_MS = 1000

/** Gets notifications of spawns in other processes, over a connection of its own that it reopens when it is lost. */
export class Listener {
  readonly #db: PrismaTransactionLike
  readonly #connect: () => ListenClient | Promise<ListenClient>
  readonly #onSpawned: (channel: string | undefined) => void
  readonly #onError: (error: unknown, failures: number) => number
  readonly #loop: Loop
  readonly #stopping = new AbortController()
  /** The same each time: behind a pool, what a connection of the server listens to once it listens to for good. */
  readonly #self = `${TOPIC}_${uuid().replaceAll('-', '')}`

  /** @param onSpawned - gets the channel, or none if notifications may have been missed */
  constructor(
    db: PrismaTransactionLike,
    connect: () => ListenClient | Promise<ListenClient>,
    onSpawned: (channel: string | undefined) => void,
    onError: (error: unknown, failures: number) => number,
  ) {
    this.#db = db
    this.#connect = connect
    this.#onSpawned = onSpawned
    this.#onError = onError
    this.#loop = new Loop(() => this.#listen(), onError)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#loop.stop()
  }

  /** Listens until the connection is lost or `stop()` is called. Returns how long to wait before the next connection. */
  async #listen(): Promise<number> {
    // An async function is no mistake, and what it rejects with must not end the process.
    const client = await this.#connect()
    if (typeof peek(() => client.connect) !== 'function')
      throw new InvalidInputError('options.listen', hidden(client), 'a function that returns a `pg` client')
    if (this.#stopping.signal.aborted) return 0
    const done = new AbortController()
    const over = new Promise<'stopped'>((resolve, reject) => {
      client.on('error', reject)
      client.on('end', () => reject(new Error('The connection that listens has ended.')))
      this.#stopping.signal.addEventListener('abort', () => resolve('stopped'), { signal: done.signal })
    })
    try {
      const begun = await Promise.race([this.#begin(client), over])
      if (begun === false) return this.#unable()
      this.#onSpawned(undefined)
      // It worked until now, so earlier failures no longer count.
      return await over.then(
        () => 0,
        (error) => this.#onError(error, 1),
      )
    } finally {
      done.abort()
      await Promise.race([client.end().catch(() => {}), sleep(CLOSED_WITHIN_MS, undefined, { ref: false })])
    }
  }

  /** Whether notifications arrive. The pool sends one: behind PgBouncer a connection may get its own, but no others. */
  async #begin(client: ListenClient): Promise<boolean> {
    const self = this.#self
    const heard = new Promise<boolean>((resolve) => {
      client.on('notification', ({ channel, payload }) => {
        if (channel === self) resolve(true)
        else this.#onSpawned(payload)
      })
    })
    // It is not waited for yet, and the client may be none.
    heard.catch(() => {})
    await client.connect()
    await client.query(listenTo(self))
    await withDatabaseErrors(() => notifyTopic(this.#db, self))
    const late = new AbortController()
    const unheard = sleep(HEARD_WITHIN_MS, false, { signal: late.signal }).catch(() => false)
    const isHeard = await Promise.race([heard, unheard]).finally(() => late.abort())
    // A connection that a pool gives to others is not left with what would disturb them.
    if (isHeard) await client.query(listenTo(TOPIC))
    return isHeard
  }

  #unable(): number {
    const message =
      'No notification arrives over the connection of `listen`: it must reach the database of the Prisma client, and not ' +
      'through PgBouncer in transaction mode. The worker polls instead.'
    this.#onError(new RequeuestError('not_listening', message), 1)
    return UNABLE_PAUSE_MS
  }
}
