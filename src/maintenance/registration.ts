import { setTimeout as sleep } from 'node:timers/promises'
import { Loop } from '../runtime/loop.ts'
import { type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { deleteWorker, renewWorker, type WorkerDescription } from '../store/workers.ts'

const EVERY_MS = 15_000
/** Up to this much is taken off, so that many processes do not run in step. */
const SPREAD_MS = 3000
const LONGEST_STOP_MS = 2000

/** Keeps the row of a worker by which others know that it runs. Nothing depends on it: what fails is reported once, and retried. */
export class Registration {
  readonly #db: PrismaTransactionLike
  readonly #worker: WorkerDescription
  readonly #loop: Loop
  #isFailing = false

  constructor(
    db: PrismaTransactionLike,
    worker: WorkerDescription,
    reportsDepth: () => boolean,
    random: () => number,
    onError: (error: unknown, failures: number) => number,
  ) {
    this.#db = db
    this.#worker = worker
    const wait = () => EVERY_MS - SPREAD_MS * random()
    const onFailure = (error: unknown) => {
      if (!this.#isFailing) onError(error, 1)
      this.#isFailing = true
      return wait()
    }
    this.#loop = new Loop(async () => {
      await withDatabaseErrors(() => renewWorker(db, worker, reportsDepth()))
      this.#isFailing = false
      return wait()
    }, onFailure)
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
