import type { Limiter } from '../limits/limiter.ts'
import type { HeldClaim } from '../policy/held-claim.ts'
import { LEASE_GRACE_MS } from '../policy/held-claim.ts'
import type { Reservable, Reservation } from '../policy/reservation.ts'
import { monotonicMs } from '../runtime/clock.ts'

const LONGEST_END_MS = 2000

export interface ReservationListeners {
  /** It is claimed, and waits for its slot. */
  onTaken: (held: HeldClaim) => Promise<void>
  /** The row may be claimed by this worker nevertheless. */
  onCancelled: () => void
}

/** Slots that are kept for requests while `spawn()` writes them. */
export class Reservations {
  readonly #workerId: string
  readonly #limits: Limiter
  readonly #listeners: ReservationListeners
  readonly #ids = new Set<string>()
  /** Those whose spawns are still under way, also when what is written is being given back. */
  #open = 0
  #onEnded: () => void = () => {}

  constructor(workerId: string, limits: Limiter, listeners: ReservationListeners) {
    this.#workerId = workerId
    this.#limits = limits
    this.#listeners = listeners
  }

  get size(): number {
    return this.#ids.size
  }

  get ids(): Iterable<string> {
    return this.#ids
  }

  add(request: Reservable): Reservation {
    const askedAtMs = monotonicMs()
    this.#open++
    this.#ids.add(request.id)
    this.#limits.claimed(request)
    return {
      workerId: this.#workerId,
      graceMs: LEASE_GRACE_MS,
      take: async (claim) => {
        this.#ids.delete(request.id)
        await this.#listeners.onTaken({ claim, askedAtMs })
        this.#end()
      },
      cancel: () => {
        this.#ids.delete(request.id)
        this.#limits.released(request)
        this.#listeners.onCancelled()
        this.#end()
      },
    }
  }

  /** Resolves when none is open. Does not wait for an insert that waits for a lock: its row is given back when it is written. */
  async ended(): Promise<void> {
    if (this.#open === 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LONGEST_END_MS)
      this.#onEnded = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #end(): void {
    this.#open--
    if (this.#open === 0) this.#onEnded()
  }
}
