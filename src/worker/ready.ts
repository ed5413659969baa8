import type { ClaimedRequest } from '../core/request.ts'
import { monotonicMs } from '../runtime/clock.ts'
import type { Limits } from './limits.ts'

/** A claim, and when it was asked for. */
export interface ReadyClaim {
  claim: ClaimedRequest
  askedAtMs: number
}

/** The database's time now. */
export function databaseMs({ claim, askedAtMs }: ReadyClaim): number {
  return claim.claimedAtMs + (monotonicMs() - askedAtMs)
}

/** Requests that are claimed and wait for a slot, in the order in which they were claimed. */
export class Ready {
  readonly #limits: Limits
  #waiting: ReadyClaim[] = []

  constructor(limits: Limits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#waiting.length
  }

  get ids(): string[] {
    return this.#waiting.map(({ claim }) => claim.id)
  }

  add(claims: readonly ClaimedRequest[], askedAtMs: number): void {
    for (const claim of claims) this.#waiting.push({ claim, askedAtMs })
  }

  /** Takes out the first one whose origin has room and whose time has come. */
  take(): ReadyClaim | undefined {
    const next = this.#waiting.findIndex(({ claim }) => this.#limits.mayStart(claim))
    if (next < 0) return undefined
    return next === 0 ? this.#waiting.shift() : this.#waiting.splice(next, 1)[0]
  }

  /** Drops what was asked for before this time, and what may not be sent any more. Returns how many that were. */
  drop(beforeMs: number): number {
    const isDropped = ({ claim, askedAtMs }: ReadyClaim) => askedAtMs < beforeMs || this.#limits.isBlocked(claim)
    if (!this.#waiting.some(isDropped)) return 0
    const dropped = new Set(this.#waiting.filter(isDropped))
    this.#waiting = this.#waiting.filter((ready) => !dropped.has(ready))
    for (const { claim } of dropped) this.#limits.disowned(claim)
    return dropped.size
  }
}
