import type { ClaimedRequest } from '../core/request.ts'
import type { Origins } from './origins.ts'

/** A claim, and when it was asked for. */
export interface ReadyClaim {
  claim: ClaimedRequest
  askedAtMs: number
}

/** Requests that are claimed and wait for a slot, in the order in which they were claimed. */
export class Ready {
  readonly #origins: Origins
  #waiting: ReadyClaim[] = []

  constructor(origins: Origins) {
    this.#origins = origins
  }

  get size(): number {
    return this.#waiting.length
  }

  get ids(): string[] {
    return this.#waiting.map(({ claim }) => claim.id)
  }

  add(claims: readonly ClaimedRequest[], askedAtMs: number): void {
    for (const claim of claims) {
      this.#origins.claimed(claim.origin)
      this.#waiting.push({ claim, askedAtMs })
    }
  }

  /** Takes out the first one whose origin has room. */
  take(): ReadyClaim | undefined {
    const next = this.#waiting.findIndex(({ claim }) => this.#origins.mayStart(claim.origin))
    return next < 0 ? undefined : this.#waiting.splice(next, 1)[0]
  }

  /** Drops what was asked for before this time. Returns how many that were. */
  drop(beforeMs: number): number {
    const dropped = this.#waiting.filter(({ askedAtMs }) => askedAtMs < beforeMs)
    if (dropped.length === 0) return 0
    this.#waiting = this.#waiting.filter(({ askedAtMs }) => askedAtMs >= beforeMs)
    for (const { claim } of dropped) this.#origins.disowned(claim.origin)
    return dropped.length
  }
}
