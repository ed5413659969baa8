import { nowMs } from './clock.ts'

/** What the target has seen, held against what it should have. */
export interface ArrivalReport {
  total: number
  /** Ids that came less often than they should. */
  missing: number
  /** Arrivals beyond those that were due. */
  duplicates: number
  /** Arrivals with an id that nobody gave out. */
  unknown: number
}

/** Counts every id that arrives, and remembers when it first did. */
export class Arrivals {
  readonly #counts: Uint8Array
  readonly #firstMs: Float64Array
  #total = 0
  #distinct = 0
  #unknown = 0
  #awaited: { count: number; resolve: (atMs: number) => void }[] = []

  /** @param ids - how many there are, from 0 */
  constructor(ids: number) {
    this.#counts = new Uint8Array(ids)
    this.#firstMs = new Float64Array(ids)
  }

  /** When each id first arrived; 0 if it never did. */
  get firstMs(): Float64Array {
    return this.#firstMs
  }

  get total(): number {
    return this.#total
  }

  get distinct(): number {
    return this.#distinct
  }

  /** Returns how often the id had arrived before. */
  add(id: number): number {
    const before = this.#counts[id]
    if (before === undefined) {
      this.#unknown++
      return 0
    }
    if (before === 0) {
      this.#distinct++
      this.#firstMs[id] = nowMs()
    }
    if (before < 255) this.#counts[id] = before + 1
    this.#total++
    if (this.#awaited.length > 0) this.#tell()
    return before
  }

  /** Resolves when that many have arrived, with the moment at which the last of them did. */
  reached(count: number): Promise<number> {
    return new Promise((resolve) => {
      this.#awaited.push({ count, resolve })
      this.#tell()
    })
  }

  /** @param due - how often an id should have arrived */
  report(due: (id: number) => number): ArrivalReport {
    let missing = 0
    let duplicates = 0
    for (const [id, count] of this.#counts.entries()) {
      if (count < due(id)) missing++
      else duplicates += count - due(id)
    }
    return { total: this.#total, missing, duplicates, unknown: this.#unknown }
  }

  #tell(): void {
    this.#awaited = this.#awaited.filter(({ count, resolve }) => {
      if (this.#total < count) return true
      resolve(nowMs())
      return false
    })
  }
}
