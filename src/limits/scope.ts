import type { ScopeKind } from '../policy/scope.ts'
import type { Lease } from '../store/permits.ts'
import type { ScopeState } from '../store/settings.ts'
import { Permits } from './permits.ts'
import { SlowStart } from './slow-start.ts'

/** A semaphore lease that was not renewed for so long has expired. */
export const SHARE_LEASE_MS = 15_000
/** What all workers were asked to wait for does not end for all of them at once: up to a tenth later, or up to this. */
const LONGEST_SPREAD_MS = 1000
/** Two times that differ by less are the same: the difference is the latency of the statement. */
export const SAME_MS = 100
/** An origin that got nothing for so long since it recovered needs no slow start any more. */
const SLOW_FOR_MS = 10_000

/** A start that is no further away is waited for. */
const NEAR_MS = 1000

/** A channel or an origin: what this worker has of it, and what it may have. */
export class Scope {
  readonly kind: ScopeKind
  readonly name: string
  readonly permits = new Permits()
  #control: ScopeState | undefined
  #waiting = 0
  #running = 0
  /** The most that was claimed at once since the semaphore lease was renewed. */
  #peak = 0
  #share: { allowed: number; untilMs: number } | undefined
  /** How many permits the next lease asks for: more each time that all were used. */
  #batch = 1
  #askAgainAtMs = Number.NEGATIVE_INFINITY
  #breaker: ScopeState['breaker'] = 'closed'
  #blockedUntilMs = Number.NEGATIVE_INFINITY
  #spreadMs = 0
  #slowSinceMs = 0
  #probesUntilMs = Number.NEGATIVE_INFINITY
  slowStart: SlowStart | undefined

  constructor(kind: ScopeKind, name: string) {
    this.kind = kind
    this.name = name
  }

  claimed(): void {
    this.#waiting++
    this.#peak = Math.max(this.#peak, this.inUse)
  }

  released(): void {
    this.#waiting--
  }

  started(): void {
    this.#waiting--
    this.#running++
    if (this.#control?.spacingMs != null) this.permits.use()
  }

  ended(): void {
    this.#running--
  }

  get inUse(): number {
    return this.#waiting + this.#running
  }

  get running(): number {
    return this.#running
  }

  get breaker(): ScopeState['breaker'] {
    return this.#breaker
  }

  get isLimited(): boolean {
    return this.#control !== undefined || this.#breaker !== 'closed' || this.slowStart !== undefined
  }

  /** Whether the settings poll tells the worker that this is blocked. One in slow start has no claims, so it may not. */
  get isTold(): boolean {
    return this.inUse > 0 || this.#control !== undefined || this.#breaker !== 'closed'
  }

  /** Whether it can be forgotten. */
  get isUnremarkable(): boolean {
    return this.inUse === 0 && !this.isLimited && this.#share === undefined
  }

  /** Takes over its settings as read. */
  learn(control: ScopeState | undefined, nowMs: number, random: () => number): void {
    // When the next start is free under another rate is another question.
    if (control?.spacingMs !== this.#control?.spacingMs) this.#askAgainAtMs = Number.NEGATIVE_INFINITY
    this.#control = control
    this.#breaker = control?.breaker ?? 'closed'
    if (this.#breaker !== 'half_open') this.#probesUntilMs = Number.NEGATIVE_INFINITY
    const openForMs = this.#breaker === 'closed' || this.isProbing(nowMs) ? null : control?.openForMs
    const waitMs = Math.max(Number(openForMs ?? 0), Number(control?.retryInMs ?? 0))
    const endMs = this.#blockedUntilMs - this.#spreadMs
    if (waitMs > 0) {
      const isNew = Math.abs(endMs - (nowMs + waitMs)) > SAME_MS
      if (isNew) this.#spreadMs = random() * Math.min(LONGEST_SPREAD_MS, waitMs / 10)
      this.#blockedUntilMs = nowMs + waitMs + this.#spreadMs
    } else if (endMs > nowMs + SAME_MS) {
      this.#blockedUntilMs = Number.NEGATIVE_INFINITY
    }
    if (waitMs > 0 || this.#breaker !== 'closed') this.#startSlowly(nowMs)
    else if (this.inUse === 0 && nowMs > this.#slowSinceMs + SLOW_FOR_MS) this.slowStart = undefined
    if (control?.spacingMs == null) this.permits.clear()
  }

  /** Blocks claims for so long; this worker knows it before it is in the database. */
  block(forMs: number, nowMs: number, breaker = this.#breaker): void {
    this.#breaker = breaker
    this.#spreadMs = 0
    this.#blockedUntilMs = Math.max(this.#blockedUntilMs, nowMs + forMs)
    this.#probesUntilMs = Number.NEGATIVE_INFINITY
    this.#startSlowly(nowMs)
  }

  #startSlowly(nowMs: number): void {
    this.slowStart ??= new SlowStart()
    this.#slowSinceMs = nowMs
  }

  /** It has answered: the breaker is closed. */
  recovered(): void {
    this.#breaker = 'closed'
    this.#blockedUntilMs = Number.NEGATIVE_INFINITY
    this.#probesUntilMs = Number.NEGATIVE_INFINITY
  }

  isBlocked(nowMs: number): boolean {
    if (this.#control?.paused || nowMs < this.#blockedUntilMs) return true
    return this.#breaker !== 'closed' && !this.isProbing(nowMs)
  }

  /** A slow answer still counts: it may come when another worker may probe as well. */
  isProbing(nowMs: number): boolean {
    return nowMs < this.#probesUntilMs || (this.#probesUntilMs > Number.NEGATIVE_INFINITY && this.#running > 0)
  }

  blockedForMs(nowMs: number): number {
    return this.#blockedUntilMs - nowMs
  }

  mayProbe(nowMs: number): boolean {
    return (
      this.#breaker !== 'closed' && !this.#control?.paused && nowMs >= this.#blockedUntilMs && !this.isProbing(nowMs)
    )
  }

  probes(untilMs: number): void {
    this.#breaker = 'half_open'
    this.#blockedUntilMs = Number.NEGATIVE_INFINITY
    this.#probesUntilMs = untilMs
  }

  /** Milliseconds until what is claimed may be started. */
  startsInMs(nowMs: number): number {
    if (this.#control?.spacingMs == null) return 0
    return this.permits.nextInMs(nowMs) ?? Number.POSITIVE_INFINITY
  }

  /** How many more may be claimed. */
  room(nowMs: number): number {
    if (this.isBlocked(nowMs)) return 0
    const most = this.isProbing(nowMs) ? 1 : (this.slowStart?.room ?? Number.POSITIVE_INFINITY)
    return Math.max(0, Math.min(most - this.inUse, this.#shareRoom(nowMs), this.#permitRoom(nowMs)))
  }

  #shareRoom(nowMs: number): number {
    if (this.#control?.concurrency == null) return Number.POSITIVE_INFINITY
    return this.#share && nowMs < this.#share.untilMs ? this.#share.allowed - this.inUse : 0
  }

  #permitRoom(nowMs: number): number {
    return this.#control?.spacingMs == null ? Number.POSITIVE_INFINITY : this.permits.count(nowMs) - this.#waiting
  }

  lacks(nowMs: number): boolean {
    return !this.isBlocked(nowMs) && (this.lacksShare(nowMs) || this.lacksPermits(nowMs))
  }

  lacksShare(nowMs: number): boolean {
    return nowMs >= this.#askAgainAtMs && this.#shareRoom(nowMs) <= 0
  }

  lacksPermits(nowMs: number): boolean {
    return nowMs >= this.#askAgainAtMs && this.#shareRoom(nowMs) > 0 && this.#permitRoom(nowMs) <= 0
  }

  askAgain(atMs: number): void {
    this.#askAgainAtMs = atMs
  }

  /** Whether the next start that its rate allows is near. */
  awaitsPermit(nowMs: number): boolean {
    if (this.#control?.spacingMs == null || this.isBlocked(nowMs)) return false
    return nowMs < this.#askAgainAtMs && this.#askAgainAtMs <= nowMs + NEAR_MS
  }

  /** How many permits it has use for. Twice as many as last time if those are all used. */
  batch(nowMs: number, most: number): number {
    this.#batch = Math.min(most, this.permits.count(nowMs) > this.#waiting ? 1 : this.#batch * 2)
    return this.#batch
  }

  leased({ count, fromMs, spacingMs }: Lease, nowMs: number): void {
    this.permits.add(nowMs + fromMs, count, spacingMs)
  }

  /** How large a semaphore lease it can use: enough to grow quickly, but not much more than was needed lately. */
  wanted(most: number, more = 0): number {
    return Math.min(most, this.#peak === 0 ? more : 2 * this.#peak + 1)
  }

  get holdsShare(): boolean {
    return this.#share !== undefined
  }

  get limitsConcurrency(): boolean {
    return this.#control?.concurrency != null
  }

  shared(allowed: number, untilMs: number): void {
    this.#share = { allowed, untilMs }
    this.#peak = this.inUse
  }

  dropShare(): void {
    this.#share = undefined
  }
}
