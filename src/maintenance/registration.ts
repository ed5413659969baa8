import { setTimeout as sleep } from 'node:timers/promises'
import type { Loop } from '../runtime/loop.ts'
import { steadyLoop } from '../runtime/steady-loop.ts'
import { type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { deleteWorker, renewWorker, type WorkerDescription } from '../store/workers.ts'

const EVERY_MS = 15_000
/** Up to this much is taken off, so that many processes do not run in step. */
const SPREAD_MS = 3000
const LONGEST_STOP_MS = 2000

/** Keeps the row of a worker by which others know that it runs. */
export class Registration {
  readonly #db: PrismaTransactionLike
  readonly #worker: WorkerDescription
  readonly #loop: Loop

  constructor(
    db: PrismaTransactionLike,
    worker: WorkerDescription,
    reportsDepth: () => boolean,
    random: () => number,
    onError: (error: unknown, failures: number) => number,
  ) {
    this.#db = db
    this.#worker = worker
    this.#loop = steadyLoop(
      async () => void (await withDatabaseErrors(() => renewWorker(db, worker, reportsDepth()))),
      () => EVERY_MS - SPREAD_MS * random(),
      onError,
    )
  }

  /** If the database does not answer, the row is forgotten as that of a worker that has died. */
  async stop(): Promise<void> {
    await Promise.race([this.#end(), sleep(LONGEST_STOP_MS, undefined, { ref: false })])
  }

  async #end(): Promise<void> {
    await this.#loop.stop()
    await withDatabaseErrors(() => deleteWorker(this.#db, this.#worker.id)).catch(() => {})
  }
}
