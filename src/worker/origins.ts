import type { Delivery } from '../core/attempt.ts'
import { monotonicMs } from '../runtime/clock.ts'

/** How many origins that did not answer are remembered; beyond that the oldest are forgotten. */
const REMEMBERED = 500
/** Which part of its room an origin keeps while it does not answer. */
const SILENT_PART = 10
/** What an origin is likely to answer within this is claimed ahead of the slots that it will get. */
const AHEAD_MS = 100

/**
 * How many requests are claimed and under way for each origin, and how many more may be. An origin may never take every
 * slot; one whose last try got no response is tried by few at a time until it answers, since each of them holds its slot
 * until its timeout.
 */
export class Origins {
  readonly limit: number
  readonly #running = new Map<string, number>()
  readonly #waiting = new Map<string, number>()
  readonly #silent = new Set<string>()
  readonly #closed = new Set<string>()
  /** How many responses came since `#countedFromMs`, and how many came in `AHEAD_MS` before that. */
  readonly #responses = new Map<string, number>()
  #pace = new Map<string, number>()
  #countedFromMs = monotonicMs()
  /** What each response asks for. Unknown when the paces or the silent have changed. */
  #ahead: number | undefined

  constructor(limit: number) {
    this.limit = limit
  }

  /** Claimed, and waits for a slot. */
  claimed(origin: string): void {
    add(this.#waiting, origin, 1)
  }

  /** Claimed, but not started. */
  disowned(origin: string): void {
    add(this.#waiting, origin, -1)
  }

  started(origin: string): void {
    add(this.#waiting, origin, -1)
    add(this.#running, origin, 1)
  }

  /** @param answered - whether a response came; null when nothing was sent or nobody waited for one */
  ended(origin: string, answered: boolean | null): void {
    if (answered === true) add(this.#responses, origin, 1)
    this.left(origin, answered)
  }

  /**
   * One more may go to an origin that was not known when the request was claimed. When that is over, `left()` is told.
   *
   * @returns false when it may have no more
   */
  enter(origin: string): boolean {
    if (!this.mayStart(origin)) return false
    add(this.#running, origin, 1)
    return true
  }

  /** @param answered - as of `ended()`. Claims are not made by this origin, so its pace does not matter. */
  left(origin: string, answered: boolean | null): void {
    add(this.#running, origin, -1)
    if (answered !== null && this.#silent.delete(origin)) this.#ahead = undefined
    if (answered === false) this.#remember(origin)
  }

  /** Nothing more is claimed of this origin. Returns whether that is new. */
  close(origin: string): boolean {
    const isNew = !this.#closed.has(origin)
    this.#closed.add(origin)
    return isNew
  }

  open(origin: string): void {
    this.#closed.delete(origin)
  }

  mayStart(origin: string): boolean {
    return count(this.#running, origin) < this.#limitOf(origin)
  }

  /** Whether one more may be claimed and started at once. */
  isFree(origin: string): boolean {
    const taken = count(this.#running, origin) + count(this.#waiting, origin)
    return !this.#closed.has(origin) && taken < this.#limitOf(origin)
  }

  /** How many more may be claimed, of those origins for which that is not the whole limit. */
  rooms(): Map<string, number> {
    const busy = [...this.#running.keys(), ...this.#waiting.keys()]
    const known = new Set([...busy, ...this.#silent, ...this.#closed, ...this.#pace.keys()])
    return new Map([...known].map((origin) => [origin, this.#room(origin)]))
  }

  /** How many requests in all are worth claiming ahead of their slots. */
  get ahead(): number {
    this.#count()
    this.#ahead ??= [...this.#pace.keys()].reduce((sum, origin) => sum + this.#aheadOf(origin), 0)
    return this.#ahead
  }

  #room(origin: string): number {
    if (this.#closed.has(origin)) return 0
    const taken = count(this.#running, origin) + count(this.#waiting, origin)
    return Math.max(0, this.#limitOf(origin) + this.#aheadOf(origin) - taken)
  }

  #limitOf(origin: string): number {
    return this.#silent.has(origin) ? Math.max(1, Math.floor(this.limit / SILENT_PART)) : this.limit
  }

  #aheadOf(origin: string): number {
    return this.#silent.has(origin) ? 0 : count(this.#pace, origin)
  }

  #count(): void {
    const elapsedMs = monotonicMs() - this.#countedFromMs
    if (elapsedMs < AHEAD_MS) return
    this.#pace = new Map(
      [...this.#responses].map(([origin, many]) => [origin, Math.round((many * AHEAD_MS) / elapsedMs)]),
    )
    this.#ahead = undefined
    this.#responses.clear()
    this.#countedFromMs += elapsedMs
  }

  #remember(origin: string): void {
    this.#silent.add(origin)
    this.#ahead = undefined
    const [oldest] = this.#silent
    if (this.#silent.size > REMEMBERED && oldest !== undefined) this.#silent.delete(oldest)
  }
}

/** Whether a response came; null when nothing was sent or nobody waited for one. */
export function isAnswered({ outcome }: Delivery): boolean | null {
  if (outcome === 'response') return true
  return outcome === 'timeout' || outcome === 'network_error' ? false : null
}

/** Whether one of them may have no more. */
export function isFull(rooms: ReadonlyMap<string, number>): boolean {
  return [...rooms.values()].includes(0)
}

function count(counts: ReadonlyMap<string, number>, origin: string): number {
  return counts.get(origin) ?? 0
}

function add(counts: Map<string, number>, origin: string, change: number): void {
  const changed = count(counts, origin) + change
  if (changed > 0) counts.set(origin, changed)
  else counts.delete(origin)
}
