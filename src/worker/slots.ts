import type { Bookings } from './bookings.ts'
import type { Limits } from './limits.ts'
import type { Ready, ReadyClaim } from './ready.ts'

/**
 * What a worker holds: requests that are being sent, that are ready to be, and that are about to be written as its own. Where
 * responses come fast it may hold more than it sends at once, so that no slot waits for the database.
 */
export class Slots {
  readonly #concurrency: number
  readonly #limits: Pick<Limits, 'ahead'>
  readonly #ready: Ready
  readonly #bookings: Bookings
  readonly #running = new Set<ReadyClaim>()
  #onEmpty: () => void = () => {}

  constructor(concurrency: number, limits: Pick<Limits, 'ahead'>, ready: Ready, bookings: Bookings) {
    this.#concurrency = concurrency
    this.#limits = limits
    this.#ready = ready
    this.#bookings = bookings
  }

  /** Whether one is left over for what nobody has asked for yet. */
  get isFree(): boolean {
    return this.#held < this.#concurrency
  }

  /** How many more requests may be claimed. */
  get lacking(): number {
    return this.#most - this.#held
  }

  /** Whether so much is lacking that a claim is worth its transaction. */
  get isHungry(): boolean {
    const most = this.#most
    return most - this.#held >= most / 2
  }

  get #most(): number {
    return this.#concurrency + this.#limits.ahead
  }

  get #held(): number {
    return this.#running.size + this.#ready.size + this.#bookings.size
  }

  get running(): readonly ReadyClaim[] {
    return [...this.#running]
  }

  /** The requests that are held. */
  get ids(): string[] {
    const running = this.running.map(({ claim }) => claim.id)
    return [...running, ...this.#bookings.ids, ...this.#ready.ids]
  }

  /** The next one that is to be sent now, if there is a slot for it. */
  take(): ReadyClaim | undefined {
    if (this.#running.size >= this.#concurrency) return undefined
    const next = this.#ready.take()
    if (next) this.#running.add(next)
    return next
  }

  /** It is not being sent any more. Returns false when that was said before. */
  free(ready: ReadyClaim): boolean {
    const wasRunning = this.#running.delete(ready)
    if (this.#running.size === 0) this.#onEmpty()
    return wasRunning
  }

  /** Resolves when nothing is being sent. */
  async emptied(): Promise<void> {
    if (this.#running.size === 0) return
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve
    })
  }
}
