import { monotonicMs } from '../runtime/clock.ts'
import { findKeptBack } from '../store/breakers.ts'
import { type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import type { Scopes } from './scopes.ts'

/**
 * Origins that are paused or blocked. There may be many, so this worker does not read those that it has no claims of: the
 * statements that claim and insert pass them by.
 */
export class KeptBack {
  readonly #db: PrismaTransactionLike
  readonly #scopes: Scopes
  /** Whether there may be any that this worker has not read. */
  any = true

  constructor(db: PrismaTransactionLike, scopes: Scopes) {
    this.#db = db
    this.#scopes = scopes
  }

  /** The origins that this worker must read, since it has claims or probes of them. */
  get inUse(): string[] {
    const nowMs = monotonicMs()
    return this.#names((scope) => scope.inUse > 0 || scope.isProbing(nowMs))
  }

  /** Those that this worker probes, which are blocked for all others. */
  get probing(): string[] {
    const nowMs = monotonicMs()
    return this.#names((scope) => scope.isProbing(nowMs))
  }

  /** Whether it is paused or blocked although this worker has not read that. */
  async has(origin: string): Promise<boolean> {
    const scope = this.#scopes.get('origin', origin)
    if (!this.any || scope?.isTold) return false
    const [found] = await withDatabaseErrors(() => findKeptBack(this.#db, origin))
    return found !== undefined
  }

  #names(isMeant: (scope: ReturnType<Scopes['make']>) => boolean): string[] {
    return [...this.#scopes.all('origin')].filter(isMeant).map(({ name }) => name)
  }
}
