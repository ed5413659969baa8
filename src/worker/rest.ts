const SHORTEST_MS = 25
const LONGEST_MS = 1000

/** How long a worker waits until it looks again, and whether it is worth a claim then, or a look at what is due first. */
export class Rest {
  #ms = SHORTEST_MS
  #isOver = true

  /** Whether something may be due. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Something may be due now, or soon. */
  end(): void {
    this.#ms = SHORTEST_MS
    this.#isOver = true
  }

  /** It is asked for all that is due now; only what is told of from now on ends the rest. */
  begin(): void {
    this.#isOver = false
  }

  /** Something was claimed, and more may come. Says how long to wait. */
  afterSome(): number {
    this.end()
    return SHORTEST_MS
  }

  /**
   * Nothing was claimed. Says how long to wait: ever longer, but never past the time at which the next request is due. What is
   * due already but was not claimed is locked by somebody, or its origin has no room: asking faster would not help. So short
   * a wait as the first one is no rest yet.
   *
   * @param dueInMs - when the next one is due, if that was looked for
   */
  afterNone(dueInMs = Number.POSITIVE_INFINITY): number {
    const ms = this.#ms
    this.#ms = Math.min(ms * 2, LONGEST_MS)
    if (dueInMs <= ms || ms === SHORTEST_MS) this.#isOver = true
    return Math.min(ms, Math.ceil(dueInMs))
  }
}
