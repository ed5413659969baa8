import { isToBeRendered } from '../message/rendering.ts'
import type { Delivery } from '../policy/attempt.ts'
import { clamp } from '../runtime/clamp.ts'
import { monotonicMs } from '../runtime/clock.ts'
import { Scopes } from './scopes.ts'

/** How many silent origins are remembered, and how many closed ones; the oldest are forgotten first. */
const REMEMBERED = 500
/** The fraction of its room that an origin keeps while it does not answer. */
const SILENT_PART = 10
/** How many origins that answered are remembered; the ones that answered longest ago are forgotten first. */
const PROVED = 1000
/** The fraction of the slots that is kept for origins that have answered, unless one origin may have more than the rest. */
const KEPT_PART = 4
/** What an origin is likely to answer within this is claimed ahead of the slots that it will get. */
const AHEAD_MS = { least: 100, most: 500 }
/** Where all of them answer less than this within the shorter time: of several workers each claims seldom, not little. */
const AHEAD_LEAST = 200

/**
 * How many more requests may be claimed and under way for each origin. An origin may never take every
 * slot; one whose last attempt got no response gets few requests at a time until it answers, since each of them holds its slot
 * until its timeout. For the same reason all that have not answered, however many they are, may not take every slot.
 */
export class Origins {
  readonly limit: number
  /** How many of all that are not proved may be claimed and under way at once. */
  readonly #unprovedLimit: number
  readonly #scopes: Scopes
  readonly #silent = new Set<string>()
  /** Those whose last attempt got a response; the latest come last. */
  readonly #proved = new Set<string>()
  /** How many requests are claimed and under way for all others. */
  #unproved = 0
  readonly #closed = new Set<string>()
  /** How many responses came since `#countedFromMs`, and how many are worth claiming ahead for that. */
  readonly #responses = new Map<string, number>()
  #pace = new Map<string, number>()
  #countedFromMs = monotonicMs()
  /** What each response asks for. Unknown when the paces or the silent have changed. */
  #ahead: number | undefined

  /**
   * @param slots - how many requests may be under way in all
   * @param scopes - count what is claimed and under way
   */
  constructor(limit: number, slots: number, scopes = new Scopes()) {
    this.limit = limit
    this.#scopes = scopes
    this.#unprovedLimit = Math.max(limit, slots - Math.floor(slots / KEPT_PART))
  }

  /** The origins that have answered when they were last sent to. */
  get proved(): ReadonlySet<string> {
    return this.#proved
  }

  /** How many more may be claimed of all others together. */
  get unprovedRoom(): number {
    return this.#unprovedLimit - this.#unproved
  }

  /** Whether one more may be claimed, as far as all are concerned that have not answered. */
  mayHaveMore(origin: string): boolean {
    return this.#isProved(origin) || this.unprovedRoom > 0
  }

  /** Claimed, and waits for a slot. */
  claimed(origin: string): void {
    this.#scopes.make('origin', origin).claimed()
    this.#count(origin, 1)
  }

  /** Claimed, but not started. */
  released(origin: string): void {
    const scope = this.#scopes.make('origin', origin)
    scope.released()
    this.#count(origin, -1)
    this.#scopes.forget(scope)
  }

  started(origin: string): void {
    this.#scopes.make('origin', origin).started()
  }

  /** @param answered - whether a response came; null when nothing was sent or nobody waited for one */
  ended(origin: string, answered: boolean | null): void {
    if (answered === true) this.#responses.set(origin, (this.#responses.get(origin) ?? 0) + 1)
    this.left(origin, answered)
  }

  /**
   * One more may go to an origin that was not known when the request was claimed. Call `left()` when that is over.
   *
   * @returns false when it may have no more
   */
  enter(origin: string): boolean {
    if (!this.mayStart(origin) || !this.mayHaveMore(origin)) return false
    this.claimed(origin)
    this.started(origin)
    return true
  }

  /** @param answered - as of `ended()`. Claims are not made by this origin, so its pace does not matter. */
  left(origin: string, answered: boolean | null): void {
    const scope = this.#scopes.make('origin', origin)
    scope.ended()
    this.#count(origin, -1)
    if (answered === true) this.#prove(origin)
    if (answered === false) this.#disprove(origin)
    if (answered !== null && this.#silent.delete(origin)) this.#ahead = undefined
    if (answered === false) this.#remember(origin)
    this.#scopes.forget(scope)
  }

  /** Nothing more is claimed of this origin. Null where more of them are closed than can be remembered. */
  close(origin: string): 'new' | 'known' | null {
    if (this.#closed.has(origin)) return 'known'
    if (this.#closed.size >= REMEMBERED) return null
    this.#closed.add(origin)
    return 'new'
  }

  open(origin: string): void {
    this.#closed.delete(origin)
  }

  mayStart(origin: string): boolean {
    return (this.#scopes.get('origin', origin)?.running ?? 0) < this.#limitOf(origin)
  }

  /** Whether one more may be claimed and started at once. */
  isFree(origin: string): boolean {
    return !this.#closed.has(origin) && this.#taken(origin) < this.#limitOf(origin) && this.mayHaveMore(origin)
  }

  /** How many more may be claimed, of those origins for which that is not the whole limit. */
  rooms(): Map<string, number> {
    const busy = [...this.#scopes.all('origin')].filter(({ inUse }) => inUse > 0).map(({ name }) => name)
    const known = new Set([...busy, ...this.#silent, ...this.#closed, ...this.#pace.keys(), ...this.#proved])
    return new Map([...known].map((origin) => [origin, this.#room(origin)]))
  }

  /** How many requests in all are worth claiming ahead of their slots. */
  get ahead(): number {
    this.#measurePace()
    this.#ahead ??= [...this.#pace.keys()].reduce((sum, origin) => sum + this.#aheadOf(origin), 0)
    return this.#ahead
  }

  #room(origin: string): number {
    if (this.#closed.has(origin)) return 0
    return Math.max(0, this.#limitOf(origin) + this.#aheadOf(origin) - this.#taken(origin))
  }

  #limitOf(origin: string): number {
    return this.#silent.has(origin) ? Math.max(1, Math.floor(this.limit / SILENT_PART)) : this.limit
  }

  #aheadOf(origin: string): number {
    return this.#silent.has(origin) ? 0 : (this.#pace.get(origin) ?? 0)
  }

  #measurePace(): void {
    const elapsedMs = monotonicMs() - this.#countedFromMs
    if (elapsedMs < AHEAD_MS.least) return
    const all = [...this.#responses.values()].reduce((sum, many) => sum + many, 0)
    const aheadMs = clamp((AHEAD_LEAST * elapsedMs) / all, AHEAD_MS.least, AHEAD_MS.most)
    this.#pace = new Map(
      [...this.#responses].map(([origin, many]) => [origin, Math.round((many * aheadMs) / elapsedMs)]),
    )
    this.#ahead = undefined
    this.#responses.clear()
    this.#countedFromMs += elapsedMs
  }

  #taken(origin: string): number {
    return this.#scopes.get('origin', origin)?.inUse ?? 0
  }

  #count(origin: string, change: number): void {
    if (!this.#isProved(origin)) this.#unproved += change
  }

  /** What has no origin yet is not sent, and what is to be made is counted where it goes. */
  #isProved(origin: string): boolean {
    return this.#proved.has(origin) || origin === '' || isToBeRendered(origin)
  }

  #prove(origin: string): void {
    if (!this.#isProved(origin)) this.#unproved -= this.#taken(origin)
    this.#proved.delete(origin)
    this.#proved.add(origin)
    const [oldest] = this.#proved
    if (this.#proved.size > PROVED && oldest !== undefined) this.#disprove(oldest)
  }

  #disprove(origin: string): void {
    if (this.#proved.delete(origin) && !this.#isProved(origin)) this.#unproved += this.#taken(origin)
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
