import { Batcher, type Waiting } from '../runtime/batcher.ts'
import { type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { notifyChannels } from '../store/notifications.ts'

/** Tells workers in other processes, after a spawn, that there is something to do. */
export class Notifier {
  readonly #db: PrismaTransactionLike
  readonly #onError: (error: unknown, failures: number) => number
  /** Postgres handles one NOTIFY after the other. */
  readonly #batcher = new Batcher<string>({ lanes: () => 1 }, (batch) => this.#tell(batch))

  constructor(db: PrismaTransactionLike, onError: (error: unknown, failures: number) => number) {
    this.#db = db
    this.#onError = onError
  }

  /**
   * Resolves when it is told. Whoever spawned waits for that: what they do next may be to disconnect, and a statement after
   * that would connect again.
   */
  spawned(channel: string): Promise<void> {
    return this.#batcher.add(channel)
  }

  /** It is not retried: the workers poll as well. */
  async #tell(batch: readonly Waiting<string, void>[]): Promise<void> {
    const channels = [...new Set(batch.map(({ item }) => item))]
    await withDatabaseErrors(() => notifyChannels(this.#db, channels)).catch((error) => this.#onError(error, 1))
    for (const { resolve } of batch) resolve()
  }
}
