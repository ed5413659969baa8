import type { RequeuestError } from '../errors.ts'
import { Batcher, type Waiting } from '../runtime/batcher.ts'
import { isForGood, type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { notifyChannels } from '../store/notifications.ts'

/** Tells workers in other processes, after a spawn, that there is something to do. */
export class Notifier {
  readonly #db: PrismaTransactionLike
  readonly #onError: (error: unknown, failures: number) => number
  readonly #warn: (message: string) => void
  #isRefused = false
  /** Postgres handles one NOTIFY after the other. */
  readonly #batcher = new Batcher<string>({ lanes: () => 1 }, (batch) => this.#tell(batch))

  /** @param warn - told once where notifications are refused */
  constructor(
    db: PrismaTransactionLike,
    onError: (error: unknown, failures: number) => number,
    warn: (message: string) => void,
  ) {
    this.#db = db
    this.#onError = onError
    this.#warn = warn
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
    await withDatabaseErrors(() => notifyChannels(this.#db, channels)).catch((error) => this.#failed(error))
    for (const { resolve } of batch) resolve()
  }

  /** Nobody has asked for notifications, and what was spawned is written: a refusal for good is no error. */
  #failed(error: RequeuestError): void {
    if (!isForGood(error.cause)) this.#onError(error, 1)
    else if (!this.#isRefused) {
      this.#isRefused = true
      this.#warn(
        'Workers in other processes are not notified of what this instance spawns. They find it by polling. ' +
          `${error.message}. The option \`notify: false\` turns notifications off.`,
      )
    }
  }
}
