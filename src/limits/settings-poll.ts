import { monotonicMs } from '../runtime/clock.ts'
import { type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { selectSettings } from '../store/settings.ts'
import type { Limiter } from './limiter.ts'

/** TTL of the pauses and limits that were read. */
const BELIEVED_MS = 1000

/**
 * Reads what is paused and limited, with a TTL of one second, and when the next request is due. An idle worker makes one
 * statement a second.
 */
export class SettingsPoll {
  readonly #db: PrismaTransactionLike
  readonly #channels: readonly string[] | null
  readonly #workerId: string
  readonly #limits: Pick<Limiter, 'write' | 'learn' | 'renew' | 'keptBack'>
  #readAtMs = Number.NEGATIVE_INFINITY

  constructor(
    db: PrismaTransactionLike,
    channels: readonly string[] | 'all',
    workerId: string,
    limits: Pick<Limiter, 'write' | 'learn' | 'renew' | 'keptBack'>,
  ) {
    this.#db = db
    this.#channels = channels === 'all' ? null : channels
    this.#workerId = workerId
    this.#limits = limits
  }

  /** Something was paused, resumed or limited: what was read has expired. */
  changed(): void {
    this.#readAtMs = Number.NEGATIVE_INFINITY
    this.#limits.keptBack.any = true
  }

  /** How long it is until `refresh()` has something to do. */
  get freshForMs(): number {
    return Math.max(0, this.#readAtMs + BELIEVED_MS - monotonicMs())
  }

  /** Tells the database what is new of limits, and the limits what is new in the database, unless that was done just now. */
  async refresh(): Promise<void> {
    if (this.freshForMs === 0) await this.#read(false)
  }

  /** As `refresh()`, and says in how many milliseconds the next request is due; none at all is infinitely far away. */
  async nextDueInMs(): Promise<number> {
    return (await this.#read(true)) ?? Number.POSITIVE_INFINITY
  }

  #select(withDue: boolean) {
    return selectSettings(this.#db, this.#channels, this.#workerId, withDue, this.#limits.keptBack.inUse)
  }

  async #read(withDue: boolean): Promise<number | null> {
    const isOld = this.freshForMs === 0
    if (isOld) this.#readAtMs = monotonicMs()
    try {
      this.#limits.write()
      const [row] = await withDatabaseErrors(() => this.#select(withDue))
      const isChanged = this.#readAtMs === Number.NEGATIVE_INFINITY
      this.#limits.learn(row?.scopes ?? [], isChanged || (row?.keptBack ?? false))
      if (isOld) await this.#limits.renew()
      return row?.dueInMs ?? null
    } catch (error) {
      this.changed()
      throw error
    }
  }
}
