import type { Booked, Booking } from '../core/booking.ts'
import { monotonicMs } from '../runtime/clock.ts'
import { LEASE_GRACE_MS } from './claimer.ts'
import type { Limits } from './limits.ts'
import type { ReadyClaim } from './ready.ts'

export interface BookingListeners {
  /** It is claimed, and waits for its slot. */
  onTaken: (ready: ReadyClaim) => Promise<void>
  /** It may be claimed for this worker all the same. */
  onCancelled: () => void
}

/** Slots that are kept for requests while `spawn()` writes them. */
export class Bookings {
  readonly #workerId: string
  readonly #limits: Limits
  readonly #listeners: BookingListeners
  readonly #ids = new Set<string>()

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
    this.#ids.add(request.id)
    this.#limits.claimed(request)
    return {
      workerId: this.#workerId,
      graceMs: LEASE_GRACE_MS,
      take: (claim) => {
        this.#ids.delete(request.id)
        return this.#listeners.onTaken({ claim, askedAtMs })
      },
      cancel: () => {
        this.#ids.delete(request.id)
        this.#limits.disowned(request)
        this.#listeners.onCancelled()
      },
    }
  }
}
