/** A start that was not made within this is lost, so that nothing piles up for a burst. */
const LASTS_MS = 500

/** Starts that a rate allows, each at a time of its own. */
export class Permits {
  #times: number[] = []

  /** `count` more, the first one at `fromMs`. */
  add(fromMs: number, count: number, spacingMs: number): void {
    for (let index = 0; index < count; index++) this.#times.push(fromMs + index * spacingMs)
    this.#times.sort((one, other) => one - other)
  }

  /** How many are left, those included whose time is still to come. */
  count(nowMs: number): number {
    const first = this.#times.findIndex((time) => time > nowMs - LASTS_MS)
    if (first !== 0) this.#times.splice(0, first < 0 ? this.#times.length : first)
    return this.#times.length
  }

  /** Milliseconds until the next one may be used; none when there is none. */
  nextInMs(nowMs: number): number | undefined {
    if (this.count(nowMs) === 0) return undefined
    return Math.max(0, (this.#times[0] as number) - nowMs)
  }

  use(): void {
    this.#times.shift()
  }

  clear(): void {
    this.#times = []
  }
}
