import { clamp } from '../core/clamp.ts'
import { monotonicMs } from '../runtime/clock.ts'

/** After a claim that found some, the next one comes in four times the time that it took, so that it leaves the database alone. */
const CLAIM_TIMES = 4
/** So short a wait is no rest: a look at what is due first would only come on top. */
const SHORT_MS = { least: 3, most: 25 }
const LONGEST_MS = 1000

/** How long a worker waits until it looks again, and whether it is worth a claim then, or a look at what is due first. */
export class Rest {
  readonly #nowMs: () => number
  #ms = SHORT_MS.most
  #isOver = true
  #begunAtMs = 0

  constructor(nowMs = monotonicMs) {
    this.#nowMs = nowMs
  }

  /** Whether something may be due. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Something may be due now, or soon. */
  end(): void {
    this.#ms = SHORT_MS.most
    this.#isOver = true
  }

  /** It is asked for all that is due now; only what is told of from now on ends the rest. */
  begin(): void {
    this.#isOver = false
    this.#begunAtMs = this.#nowMs()
  }

  /** Something was claimed, and more may come. Says how long to wait. */
  afterSome(): number {
    this.#isOver = true
    const ms = clamp(CLAIM_TIMES * (this.#nowMs() - this.#begunAtMs), SHORT_MS.least, SHORT_MS.most)
    this.#ms = ms * 2
    return ms
  }

  /**
   * Nothing was claimed. Says how long to wait: ever longer, but never past the time at which the next request is due. What is
   * due already but was not claimed is locked by somebody, or its origin has no room: asking faster would not help.
   *
   * @param dueInMs - when the next one is due, if that was looked for
   */
  afterNone(dueInMs = Number.POSITIVE_INFINITY): number {
    const ms = this.#ms
    this.#ms = Math.min(ms * 2, LONGEST_MS)
    if (dueInMs <= ms || ms <= SHORT_MS.most) this.#isOver = true
    return Math.min(ms, Math.ceil(dueInMs))
  }
}
