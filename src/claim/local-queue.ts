import type { Limiter } from '../limits/limiter.ts'
import type { HeldClaim } from '../policy/held-claim.ts'
import type { ClaimedRequest } from '../policy/request.ts'
import type { Reservations } from './reservations.ts'

/**
 * The requests that a worker holds. Each passes through this from left to right, or leaves it where it is given back:
 *
 * ```text
 *   reserved (about to be written as this worker's) ──┐
 *                                                   ├──▶ waiting for a slot ──▶ running
 *   claimed ────────────────────────────────────────┘
 * ```
 *
 * Where responses come fast, more is held than is sent at once, so that no slot waits for the database.
 */
export class LocalQueue {
  readonly #concurrency: number
  readonly #limits: Limiter
  readonly #reservations: Reservations
  #waiting: HeldClaim[] = []
  readonly #running = new Set<HeldClaim>()
  #onEmpty: () => void = () => {}

  constructor(concurrency: number, limits: Limiter, reservations: Reservations) {
    this.#concurrency = concurrency
    this.#limits = limits
    this.#reservations = reservations
  }

  /** Whether there is a slot for what nobody has asked for yet. */
  get hasFreeSlot(): boolean {
    return this.#held < this.#concurrency
  }

  get isEmpty(): boolean {
    return this.#held === 0
  }

  get isAnyWaiting(): boolean {
    return this.#waiting.length > 0
  }

  /** How many more requests may be claimed. */
  get lacking(): number {
    return this.#most - this.#held
  }

  /** Whether enough is lacking to be worth a statement. */
  get isHungry(): boolean {
    return this.lacking >= this.#most / 2
  }

  get #most(): number {
    return this.#concurrency + this.#limits.ahead
  }

  get #held(): number {
    return this.#running.size + this.#waiting.length + this.#reservations.size
  }

  get running(): readonly HeldClaim[] {
    return [...this.#running]
  }

  /** The requests that are held. */
  get ids(): string[] {
    const idOf = ({ claim }: HeldClaim) => claim.id
    return [...this.running.map(idOf), ...this.#reservations.ids, ...this.#waiting.map(idOf)]
  }

  add(claims: readonly ClaimedRequest[], askedAtMs: number): void {
    for (const claim of claims) this.#waiting.push({ claim, askedAtMs })
  }

  /** The first one whose origin has room and whose time has come, if there is a slot for it. From now on it runs. */
  start(): HeldClaim | undefined {
    if (this.#running.size >= this.#concurrency) return undefined
    const place = this.#waiting.findIndex(({ claim }) => this.#limits.mayStart(claim))
    if (place < 0) return undefined
    const next = place === 0 ? this.#waiting.shift() : this.#waiting.splice(place, 1)[0]
    if (next) this.#running.add(next)
    return next
  }

  /** It has ended. Returns false if it had ended before. */
  ended(held: HeldClaim): boolean {
    const wasRunning = this.#running.delete(held)
    if (this.#running.size === 0) this.#onEmpty()
    return wasRunning
  }

  /** Drops what waits and was asked for before this time, or may not be sent any more. Returns how many. */
  drop(beforeMs: number): number {
    const isDropped = ({ claim, askedAtMs }: HeldClaim) => askedAtMs < beforeMs || this.#limits.isBlocked(claim)
    if (!this.#waiting.some(isDropped)) return 0
    const dropped = new Set(this.#waiting.filter(isDropped))
    this.#waiting = this.#waiting.filter((held) => !dropped.has(held))
    for (const { claim } of dropped) this.#limits.released(claim)
    return dropped.size
  }

  /** Resolves when nothing runs. */
  async emptied(): Promise<void> {
    if (this.#running.size === 0) return
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve
    })
  }
}
