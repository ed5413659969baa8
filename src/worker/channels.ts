import { monotonicMs } from '../runtime/clock.ts'
import { listPendingChannels } from '../store/claims.ts'
import { type PrismaClientLike, withDatabaseErrors } from '../store/db.ts'

/** How long the list of channels that have work is believed, when a worker takes all of them. */
const BELIEVED_MS = 100

/** The channels that a worker asks, beginning with another one each time, so that none is always first. */
export class Channels {
  readonly #db: PrismaClientLike
  readonly #wanted: readonly string[] | 'all'
  #turn = 0
  #known: string[] = []
  #knownUntilMs = Number.NEGATIVE_INFINITY

  constructor(db: PrismaClientLike, wanted: readonly string[] | 'all') {
    this.#db = db
    this.#wanted = wanted
  }

  async next(): Promise<string[]> {
    const channels = this.#wanted === 'all' ? await this.#withWork() : this.#wanted
    const first = this.#turn++ % Math.max(channels.length, 1)
    return [...channels.slice(first), ...channels.slice(0, first)]
  }

  /** A channel may have work that had none. */
  forget(): void {
    this.#knownUntilMs = Number.NEGATIVE_INFINITY
  }

  async #withWork(): Promise<string[]> {
    if (monotonicMs() >= this.#knownUntilMs) {
      const rows = await withDatabaseErrors(() => listPendingChannels(this.#db))
      this.#known = rows.map((row) => row.channel)
      this.#knownUntilMs = monotonicMs() + BELIEVED_MS
    }
    return this.#known
  }
}
