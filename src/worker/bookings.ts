import type { Booked, Booking } from '../core/booking.ts'
import { monotonicMs } from '../runtime/clock.ts'
import { LEASE_GRACE_MS } from './claimer.ts'
import type { HeldClaim } from './held-claim.ts'
import type { Limits } from './limits.ts'

const LONGEST_END_MS = 2000

export interface BookingListeners {
  /** It is claimed, and waits for its slot. */
  onTaken: (held: HeldClaim) => Promise<void>
  /** It may be claimed for this worker all the same. */
  onCancelled: () => void
}

/** Slots that are kept for requests while `spawn()` writes them. */
export class Bookings {
  readonly #workerId: string
  readonly #limits: Limits
  readonly #listeners: BookingListeners
  readonly #ids = new Set<string>()
  /** Those whose spawns are still under way, also when what is written is being given back. */
  #open = 0
  #onEnded: () => void = () => {}

  constructor(workerId: string, limits: Limits, listeners: BookingListeners) {
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

  add(request: Booked): Booking {
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
        this.#limits.disowned(request)
        this.#listeners.onCancelled()
        this.#end()
      },
    }
  }

  /** Resolves when none is open. One whose insert waits for a lock is not waited for: it is given back when it is written. */
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
