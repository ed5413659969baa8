import { clamp } from '../runtime/clamp.ts'
import { monotonicMs } from '../runtime/clock.ts'

/** After a claim that found some, the next one comes in four times the time that it took, so that it leaves the database alone. */
const CLAIM_TIMES = 4
/** Within so short a wait, asking when the next request is due would only add a statement. */
const SHORT_MS = { least: 3, most: 25 }
const LONGEST_MS = 1000
/**
 * A slot that is freed waits this long for others, or as long as the last claim took if that is more: where the database is
 * busy, claims get larger instead of more.
 */
const COOLDOWN_MS = { least: 5, most: 100 }

/**
 * Decides when a worker asks the database for more, and for what. The worker's loop does what `next` says and reports the result.
 *
 * ```text
 *   state      means                                   what the loop does            when
 *   draining   more is due than is claimed             claims                        freed(): half of what it may hold is
 *                                                                                    lacking; or nothing waits, and a moment
 *                                                                                    has passed
 *   behind     too much that is finished is unwritten  nothing                       until written()
 *   idle       what was due is claimed                 claims; after several misses  after 4 times what the claim took, then
 *                                                      looks when the next is due    twice as long each time, up to a second
 * ```
 *
 * Events: `isFull()` and `isBehind()` lead to those states, `found()` and `missed()` to `idle`. `expect()`, which a spawn, a
 * notification, a limit with room and a response of a line call, wakes the loop in any state and makes its next query a claim.
 * While it is `behind`, that still waits until enough is written.
 */
export class Poller {
  readonly #wake: () => void
  readonly #nowMs: () => number
  #state: 'draining' | 'behind' | 'idle' = 'draining'
  #next: 'claim' | 'look' = 'claim'
  #waitMs = SHORT_MS.most
  #askedAtMs = 0
  #claimMs = 0
  #cooldown: NodeJS.Timeout | undefined

  /** @param wake - ends the wait of the loop */
  constructor(wake: () => void, nowMs = monotonicMs) {
    this.#wake = wake
    this.#nowMs = nowMs
  }

  /** A claim where something may be due, or a look at when the next is. */
  get next(): 'claim' | 'look' {
    return this.#next
  }

  /** Whether all that was due is claimed, as far as is known here. */
  get isIdle(): boolean {
    return this.#state === 'idle'
  }

  /** Something may be due now, or soon. */
  expect(): void {
    this.#waitMs = SHORT_MS.most
    this.#next = 'claim'
    this.#wake()
  }

  /** A claim begins. Only what is expected from now on leads to another one at once. */
  asked(): void {
    this.#next = 'look'
    this.#askedAtMs = this.#nowMs()
  }

  answered(): void {
    this.#claimMs = this.#nowMs() - this.#askedAtMs
  }

  /** The queue is full, or the claim got all that it asked for. */
  isFull(): void {
    this.#state = 'draining'
    this.#next = 'claim'
    this.#waitMs = SHORT_MS.most
  }

  /** Too much is unwritten: claims nothing until `written()`. */
  isBehind(): void {
    this.#state = 'behind'
  }

  /** Enough of what is finished is written. */
  written(): void {
    if (this.#state !== 'behind') return
    this.#state = 'draining'
    this.#wake()
  }

  /** The claim got all that was due. Returns how long to wait. */
  found(): number {
    this.#state = 'idle'
    this.#next = 'claim'
    const ms = clamp(CLAIM_TIMES * this.#claimMs, SHORT_MS.least, SHORT_MS.most)
    this.#waitMs = ms * 2
    return ms
  }

  /**
   * Nothing was due. Returns how long to wait: ever longer, but never past the time at which the next request is due. What is due
   * already but was not claimed is locked by somebody, or its origin has no room: asking faster would not help.
   *
   * @param dueInMs - when the next one is due, if that was looked for
   */
  missed(dueInMs = Number.POSITIVE_INFINITY): number {
    this.#state = 'idle'
    const ms = this.#waitMs
    this.#waitMs = Math.min(ms * 2, LONGEST_MS)
    if (dueInMs <= ms || ms <= SHORT_MS.most) this.#next = 'claim'
    return Math.min(ms, Math.ceil(dueInMs))
  }

  /** A slot is free. */
  freed(queue: { readonly isHungry: boolean; readonly isAnyWaiting: boolean }): void {
    if (this.#state !== 'draining') return
    if (queue.isHungry) this.#wake()
    else if (!queue.isAnyWaiting)
      this.#cooldown ??= setTimeout(this.#cooled, clamp(this.#claimMs, COOLDOWN_MS.least, COOLDOWN_MS.most))
  }

  stop(): void {
    clearTimeout(this.#cooldown)
  }

  readonly #cooled = () => {
    this.#cooldown = undefined
    this.#wake()
  }
}
