import { type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { notifyChannels } from '../store/notifications.ts'

/** Tells workers in other processes, after a spawn, that there is something to do. */
export class Notifier {
  readonly #db: PrismaTransactionLike
  readonly #onError: (error: unknown, failures: number) => number
  #channels = new Set<string>()
  #isTelling = false

  constructor(db: PrismaTransactionLike, onError: (error: unknown, failures: number) => number) {
    this.#db = db
    this.#onError = onError
  }

  /** While one is being told, others gather and are told together: Postgres handles one NOTIFY after the other. */
  spawned(channel: string): void {
    this.#channels.add(channel)
    if (!this.#isTelling) void this.#tellAll()
  }

  async #tellAll(): Promise<void> {
    this.#isTelling = true
    // What is written by one statement is told of with one.
    await Promise.resolve()
    while (this.#channels.size > 0) {
      const channels = [...this.#channels]
      this.#channels = new Set()
      await this.#tell(channels)
    }
    this.#isTelling = false
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
