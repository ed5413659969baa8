/** One of those that are done together. */
export interface Waiting<T, R> {
  readonly item: T
  resolve(result: R): void
  reject(error: unknown): void
}

/** What goes in one batch, and how many of them are under way. */
interface BatchTerms<T> {
  /** Batches that are under way at once. */
  lanes(): number
  /** The most that goes in one batch. @default no limit */
  size?: number
  /** The most that its items weigh together, but for one that weighs more by itself. @default no limit */
  weight?: number
  /** What an item weighs. @default nothing */
  weigh?(item: T): number
}

/**
 * Does together what is asked for at the same time, as a DataLoader does. Nothing waits for company: what is asked for in one
 * turn of the event loop goes at the end of that turn, and what comes while all lanes are taken goes as soon as one is free.
 */
export class Batcher<T, R = void> {
  readonly #terms: BatchTerms<T>
  readonly #work: (batch: readonly Waiting<T, R>[]) => Promise<void>
  readonly #waiting: Waiting<T, R>[] = []
  #underWay = 0
  #isStarting = false

  /** @param work - resolves or rejects each that waits, and rejects by itself where all of them are to be rejected */
  constructor(terms: BatchTerms<T>, work: (batch: readonly Waiting<T, R>[]) => Promise<void>) {
    this.#terms = terms
    this.#work = work
  }

  /** How many batches are under way. */
  get underWay(): number {
    return this.#underWay
  }

  add(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject })
      if (this.#isStarting) return
      this.#isStarting = true
      queueMicrotask(() => this.start())
    })
  }

  /** Begins as many batches as there are lanes for: to be called when that may be more than before. */
  start(): void {
    this.#isStarting = false
    while (this.#waiting.length > 0 && this.#underWay < this.#terms.lanes()) void this.#run(this.#take())
  }

  async #run(batch: readonly Waiting<T, R>[]): Promise<void> {
    this.#underWay++
    try {
      await this.#work(batch)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
    this.#underWay--
    this.start()
  }

  #take(): Waiting<T, R>[] {
    const { size = Number.POSITIVE_INFINITY, weight = Number.POSITIVE_INFINITY, weigh = () => 0 } = this.#terms
    let all = 0
    const end = this.#waiting.findIndex(({ item }, index) => {
      all += weigh(item)
      return index === size || (index > 0 && all > weight)
    })
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end)
  }
}
