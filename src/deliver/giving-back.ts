import type { ClaimedRequest } from '../policy/request.ts'
import { releaseClaims } from '../store/claims.ts'
import { type PrismaClientLike, withDatabaseErrors } from '../store/db.ts'

interface Group {
  claims: ClaimedRequest[]
  written: Promise<void>
}

/** Gives claims back with their attempts unspent, those of one moment in one statement. */
export class GivingBack {
  readonly #db: PrismaClientLike
  readonly #onError: (error: unknown, failures: number) => number
  readonly #groups = new Map<number | null, Group>()

  constructor(db: PrismaClientLike, onError: (error: unknown, failures: number) => number) {
    this.#db = db
    this.#onError = onError
  }

  /**
   * Never rejects.
   *
   * @param delayMs - when it may be claimed again; null for at once
   */
  give(claim: ClaimedRequest, delayMs: number | null): Promise<void> {
    const group = this.#groups.get(delayMs) ?? this.#begin(delayMs)
    group.claims.push(claim)
    return group.written
  }

  #begin(delayMs: number | null): Group {
    const claims: ClaimedRequest[] = []
    // Those that start together are given back together.
    const written = Promise.resolve().then(() => this.#write(claims, delayMs))
    const group = { claims, written }
    this.#groups.set(delayMs, group)
    return group
  }

  async #write(claims: readonly ClaimedRequest[], delayMs: number | null): Promise<void> {
    this.#groups.delete(delayMs)
    await withDatabaseErrors(() => releaseClaims(this.#db, claims, delayMs)).catch((error) => this.#onError(error, 1))
  }
}
