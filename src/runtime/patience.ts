import { monotonicMs } from './clock.ts'

/** A wait that can be made shorter, before it begins and while it lasts. */
export class Patience {
  readonly #onOver: () => void
  #ms = Number.POSITIVE_INFINITY
  #endsAtMs = Number.POSITIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  #is: 'ahead' | 'waiting' | 'over' = 'ahead'

  /** @param onOver - called once when the time is over, unless `end()` came before */
  constructor(onOver: () => void) {
    this.#onOver = onOver
  }

  /** The wait is to be no longer than this, from now on if it has begun. */
  shorten(ms: number): void {
    this.#ms = Math.min(this.#ms, ms)
    if (this.#is === 'waiting') this.#waitFor(ms)
  }

  begin(): void {
    this.#is = 'waiting'
    this.#waitFor(this.#ms)
  }

  end(): void {
    this.#is = 'over'
    clearTimeout(this.#timer)
  }

  #waitFor(ms: number): void {
    if (monotonicMs() + ms >= this.#endsAtMs) return
    this.#endsAtMs = monotonicMs() + ms
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.end()
      this.#onOver()
    }, ms)
  }
}
