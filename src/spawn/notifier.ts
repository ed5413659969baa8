import { type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { notifyChannels } from '../store/notifications.ts'

/** Spawns that follow each other this closely are told of together: Postgres handles one NOTIFY after the other. */
const GATHER_MS = 2

/** Tells workers in other processes, after a spawn, that there is something to do. */
export class Notifier {
  readonly #db: PrismaTransactionLike
  readonly #onError: (error: unknown, failures: number) => number
  readonly #channels = new Set<string>()
  #timer: NodeJS.Timeout | undefined

  constructor(db: PrismaTransactionLike, onError: (error: unknown, failures: number) => number) {
    this.#db = db
    this.#onError = onError
  }

  spawned(channel: string): void {
    this.#channels.add(channel)
    this.#timer ??= setTimeout(() => void this.#tell(), GATHER_MS)
  }

  /** It is not tried again: the workers poll as well. */
  async #tell(): Promise<void> {
    this.#timer = undefined
    const channels = [...this.#channels]
    this.#channels.clear()
    try {
      await withDatabaseErrors(() => notifyChannels(this.#db, channels))
    } catch (error) {
      this.#onError(error, 1)
    }
  }
}
