/** Milliseconds on a clock that only runs forward. It has no relation to the time of day. */
export function monotonicMs(): number {
  return performance.now()
}

/** What is set for longer, Node's timers do at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** A wait that can be cut short. */
export class Pause {
  #wake: (() => void) | undefined
  #woken = false

  /** Resolves after `ms`, or at once when `wake()` is or was called since the last wait. */
  async wait(ms: number): Promise<void> {
    if (!this.#woken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(ms, LONGEST_TIMER_MS))
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    this.#wake = undefined
    this.#woken = false
  }

  wake(): void {
    this.#woken = true
    this.#wake?.()
  }
}
