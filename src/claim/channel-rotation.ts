import { monotonicMs } from '../runtime/clock.ts'
import { type PrismaClientLike, withDatabaseErrors } from '../store/db.ts'
import { listPendingChannels } from '../store/pending.ts'

/** TTL of the list of channels that have work, for a worker that takes all of them. */
const TTL_MS = 100

/** The channels to claim from, rotated so that each claim begins behind those that were served last. */
export class Channels {
  readonly #db: PrismaClientLike
  readonly #wanted: readonly string[] | 'all'
  #first = 0
  #known: string[] = []
  #knownUntilMs = Number.NEGATIVE_INFINITY

  constructor(db: PrismaClientLike, wanted: readonly string[] | 'all') {
    this.#db = db
    this.#wanted = wanted
  }

  async next(): Promise<string[]> {
    const channels = this.#wanted === 'all' ? await this.#withWork() : this.#wanted
    this.#first %= Math.max(channels.length, 1)
    return [...channels.slice(this.#first), ...channels.slice(0, this.#first)]
  }

  /**
   * Some of the channels that were asked have filled the slots.
   *
   * @param asked - what `next()` gave
   */
  served(asked: readonly string[], some: Iterable<string>): void {
    const served = new Set(some)
    this.#first += asked.findLastIndex((channel) => served.has(channel)) + 1
  }

  /** This channel, or any, may have new work. */
  expect(channel: string | undefined): void {
    if (this.#wanted !== 'all') return
    if (channel === undefined) this.#knownUntilMs = Number.NEGATIVE_INFINITY
    else if (!this.#known.includes(channel)) this.#known.push(channel)
  }

  async #withWork(): Promise<string[]> {
    if (monotonicMs() >= this.#knownUntilMs) {
      const rows = await withDatabaseErrors(() => listPendingChannels(this.#db))
      this.#known = rows.map((row) => row.channel)
      this.#knownUntilMs = monotonicMs() + TTL_MS
    }
    return this.#known
  }
}
