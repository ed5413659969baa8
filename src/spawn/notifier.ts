import { type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { notifyChannels } from '../store/notifications.ts'

/** Tells workers in other processes, after a spawn, that there is something to do. */
export class Notifier {
  readonly #db: PrismaTransactionLike
  readonly #onError: (error: unknown, failures: number) => number
  #channels = new Set<string>()
  /** The last telling that was asked for. */
  #last = Promise.resolve()
  #hasBegun = true

  constructor(db: PrismaTransactionLike, onError: (error: unknown, failures: number) => number) {
    this.#db = db
    this.#onError = onError
  }

  /**
   * Resolves when it is told. Whoever spawned waits for that: what they do next may be to disconnect, and a statement after
   * that would connect again. While one is being told, others gather and are told together: Postgres handles one NOTIFY after
   * the other.
   */
  spawned(channel: string): Promise<void> {
    this.#channels.add(channel)
    if (this.#hasBegun) {
      this.#hasBegun = false
      this.#last = this.#last.then(() => this.#tellAll())
    }
    return this.#last
  }

  #tellAll(): Promise<void> {
    this.#hasBegun = true
    const channels = [...this.#channels]
    this.#channels = new Set()
    return this.#tell(channels)
  }

  /** It is not tried again: the workers poll as well. */
  async #tell(channels: readonly string[]): Promise<void> {
    try {
      await withDatabaseErrors(() => notifyChannels(this.#db, channels))
    } catch (error) {
      this.#onError(error, 1)
    }
  }
}
