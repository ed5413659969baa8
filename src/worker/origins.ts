/** How many origins that did not answer are remembered; beyond that the oldest are forgotten. */
const REMEMBERED = 500
/** Which part of its room an origin keeps while it does not answer. */
const SILENT_PART = 10

/**
 * How many requests are under way to each origin, and how many more may be. An origin may never take every slot; one
 * whose last try got no response is tried by few at a time until it answers, since each of them holds its slot until
 * its timeout.
 */
export class Origins {
  readonly limit: number
  readonly #running = new Map<string, number>()
  readonly #silent = new Set<string>()

  constructor(limit: number) {
    this.limit = limit
  }

  started(origin: string): void {
    this.#running.set(origin, this.#count(origin) + 1)
  }

  /** @param answered - whether a response came; null when nothing was sent or nobody waited for one */
  ended(origin: string, answered: boolean | null): void {
    const left = this.#count(origin) - 1
    if (left > 0) this.#running.set(origin, left)
    else this.#running.delete(origin)
    if (answered !== null) this.#silent.delete(origin)
    if (answered === false) this.#remember(origin)
  }

  /** How many more may be started, of those origins for which that is not the whole limit. */
  rooms(): Map<string, number> {
    const known = new Set([...this.#running.keys(), ...this.#silent])
    return new Map([...known].map((origin) => [origin, this.#room(origin)]))
  }

  #room(origin: string): number {
    const limit = this.#silent.has(origin) ? Math.max(1, Math.floor(this.limit / SILENT_PART)) : this.limit
    return Math.max(0, limit - this.#count(origin))
  }

  #count(origin: string): number {
    return this.#running.get(origin) ?? 0
  }

  #remember(origin: string): void {
    this.#silent.add(origin)
    const [oldest] = this.#silent
    if (this.#silent.size > REMEMBERED && oldest !== undefined) this.#silent.delete(oldest)
  }
}
