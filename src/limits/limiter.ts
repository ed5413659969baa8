import { setTimeout as sleep } from 'node:timers/promises'
import { isToBeRendered } from '../message/rendering.ts'
import type { WorkerTerms } from '../options/worker.ts'
import type { Delivery } from '../policy/attempt.ts'
import type { BreakerPolicy } from '../policy/breaker.ts'
import type { ClaimedRequest } from '../policy/request.ts'
import type { ScopeKind } from '../policy/scope.ts'
import { monotonicMs } from '../runtime/clock.ts'
import type { ScopeState } from '../store/settings.ts'
import { type BreakerParts, Breakers, type Judged } from './breaker.ts'
import { KeptBack } from './kept-back.ts'
import { Leases } from './leases.ts'
import { isAnswered, Origins } from './origins.ts'
import type { Scope } from './scope.ts'
import { Scopes } from './scopes.ts'

export interface LimitListeners {
  /** What is claimed may be started. */
  onStart: () => void
  /** There may be more to claim, or to give back. */
  onRoom: () => void
  /** There is something to write. */
  onNews: () => void
}

/** The channels of one claim statement, and its limit. */
export interface Part {
  channels: string[]
  limit: number
}

/**
 * Keeps a worker within pauses, limits and what receivers can take: counts what it has claimed, and says how much more it may.
 *
 * - {@link Origins} counts by origin, in memory alone: slots for each origin, few for those that did not answer.
 * - A `Scope` is a channel or an origin with its pause, limits, breaker and counts. `SettingsPoll` reads them once a second and
 *   calls `learn()`; that is the only cost where nothing is paused or limited.
 * - {@link Leases} share a limit among workers: semaphore leases for `concurrency`, permits for `rate`. The claimer asks for
 *   them (`partsOf()`, `admit()`) only where something is due.
 * - {@link Breakers} judge each response, open and close the breaker in the database, and lease the probe of an open one.
 *
 * The claimer asks how much it may claim, the local queue whether a claim may start, a spawn whether its request is free.
 */
export class Limiter {
  readonly #parts: BreakerParts
  readonly #terms: WorkerTerms
  readonly #listeners: LimitListeners
  /** What this worker has of each origin, by itself. */
  readonly origins: Origins
  readonly #scopes = new Scopes()
  readonly keptBack: KeptBack
  readonly #breakers: Breakers
  readonly #leases: Leases
  #startTimer: NodeJS.Timeout | undefined

  constructor(parts: BreakerParts, breaker: BreakerPolicy | null, terms: WorkerTerms, listeners: LimitListeners) {
    this.#parts = parts
    this.#terms = terms
    this.#listeners = listeners
    this.origins = new Origins(terms.concurrencyPerOrigin, terms.concurrency, this.#scopes)
    this.keptBack = new KeptBack(parts.db, this.#scopes)
    this.#breakers = new Breakers(breaker, parts)
    this.#leases = new Leases(parts.db, parts.workerId, this.#scopes, terms.concurrency, listeners.onRoom)
  }

  /** Writes what is new, in the background. Call it before reading the settings. */
  write(): void {
    void this.#breakers.news.write()
  }

  /** Takes over the settings that were read. */
  learn(states: readonly ScopeState[], keptBack: boolean): void {
    this.keptBack.any = keptBack
    const { news } = this.#breakers
    const isAhead = ({ kind, name }: Scope) => kind === 'origin' && news.isAhead(name)
    this.#scopes.learn(states, isAhead, monotonicMs(), this.#parts.random)
  }

  /** Renews the semaphore leases in use, and gives back the others. */
  async renew(): Promise<void> {
    await this.#leases.renew()
  }

  /** Claimed, and waits for a slot. */
  claimed(claim: Pick<ClaimedRequest, 'channel' | 'origin'>): void {
    this.#scopes.make('channel', claim.channel).claimed()
    this.origins.claimed(claim.origin)
  }

  /** Claimed, but not started. */
  released(claim: Pick<ClaimedRequest, 'channel' | 'origin'>): void {
    const channel = this.#scopes.make('channel', claim.channel)
    channel.released()
    this.#scopes.forget(channel)
    this.origins.released(claim.origin)
  }

  started(claim: ClaimedRequest): void {
    this.#scopes.make('channel', claim.channel).started()
    this.origins.started(claim.origin)
  }

  /**
   * @param delivery - null when nothing was sent
   * @param atMs - the database's time when the attempt ended
   */
  ended(claim: ClaimedRequest, delivery: Delivery | null, atMs: number): void {
    const own = delivery?.ofOrigin ?? delivery
    const [channel, origin] = this.#scopes.both(claim)
    channel.ended()
    this.#scopes.forget(channel)
    this.#judge(origin, claim, isToBeRendered(claim.url) ? null : own, atMs)
    this.origins.ended(claim.origin, own && isAnswered(own))
  }

  /**
   * One more may go to an origin that was not known when the request was claimed, at the time for which this waits.
   * Call `left()` when that is over.
   *
   * @returns false when it may have no more
   */
  async enter(origin: string): Promise<boolean> {
    if (await this.keptBack.has(origin)) return false
    await this.admit(new Set([origin]), this.#terms.concurrency)
    const nowMs = monotonicMs()
    const scope = this.#scopes.make('origin', origin)
    const startsInMs = scope.startsInMs(nowMs)
    if (scope.room(nowMs) <= 0 || !this.origins.enter(origin)) {
      this.#scopes.forget(scope)
      return false
    }
    if (startsInMs > 0) await sleep(startsInMs)
    return true
  }

  /** @param delivery - as of `ended()` */
  left(origin: string, claim: Judged, delivery: Delivery | null, atMs: number): void {
    this.#judge(this.#scopes.make('origin', origin), claim, delivery, atMs)
    this.origins.left(origin, delivery && isAnswered(delivery))
  }

  #judge(origin: Scope, claim: Judged, delivery: Delivery | null, atMs: number): void {
    if (delivery !== null && this.#breakers.ended(origin, claim, delivery, atMs)) this.#listeners.onNews()
    const { slowStart } = origin
    if (slowStart && slowStart.room >= this.perOrigin) origin.slowStart = undefined
  }

  /** Whether one more may be claimed and sent at once, without a lease. */
  isFree({ channel, origin }: Pick<ClaimedRequest, 'channel' | 'origin'>): boolean {
    if (this.#limited('channel', channel).length + this.#limited('origin', origin).length > 0) return false
    return this.origins.isFree(origin)
  }

  /** Whether what is claimed may not be sent for now. */
  isBlocked(claim: ClaimedRequest): boolean {
    const [channel, origin] = this.#scopes.both(claim)
    if (!channel.isLimited && !origin.isLimited) return false
    const nowMs = monotonicMs()
    return channel.isBlocked(nowMs) || origin.isBlocked(nowMs)
  }

  /** Whether a claim may start. If only its time has not come, `onStart` is called when it has. */
  mayStart(claim: ClaimedRequest): boolean {
    if (!this.origins.mayStart(claim.origin)) return false
    const [channel, origin] = this.#scopes.both(claim)
    if (!channel.isLimited && !origin.isLimited) return true
    const nowMs = monotonicMs()
    if (channel.isBlocked(nowMs) || origin.isBlocked(nowMs)) return false
    const inMs = Math.max(channel.startsInMs(nowMs), origin.startsInMs(nowMs))
    if (inMs > 0 && inMs < Number.POSITIVE_INFINITY) this.#startIn(inMs)
    return inMs <= 0
  }

  /** How much to claim from which of these channels, one part after another, up to `limit` in all. */
  async partsOf(channels: string[], limit: number): Promise<Part[]> {
    const limited = channels.flatMap((channel) => this.#limited('channel', channel))
    if (limited.length === 0) return [{ channels, limit }]
    const nowMs = monotonicMs()
    const lacking = limited.filter((scope) => scope.lacks(nowMs))
    if (lacking.length > 0) await this.#leases.askForDue(lacking, limit)
    const names = new Set(limited.map(({ name }) => name))
    const free = channels.filter((channel) => !names.has(channel))
    const share = Math.ceil(limit / channels.length)
    const parts = limited.map((scope) => ({
      channels: [scope.name],
      limit: Math.min(share, scope.room(monotonicMs())),
    }))
    return [...parts, { channels: free, limit }].filter((part) => part.limit > 0 && part.channels.length > 0)
  }

  /** How many requests to one origin may be under way at once. */
  get perOrigin(): number {
    return this.origins.limit
  }

  /** How many requests in all are worth claiming ahead of their slots. */
  get ahead(): number {
    return this.origins.ahead
  }

  /** Whether some of what is due may not be claimed. */
  isFull(rooms: ReadonlyMap<string, number> = this.rooms()): boolean {
    return this.keptBack.any || this.origins.unprovedRoom <= 0 || [...rooms.values()].includes(0)
  }

  /** How many more may be claimed, of those origins for which that is not the whole limit. */
  rooms(): Map<string, number> {
    const nowMs = monotonicMs()
    const known = this.origins.rooms()
    for (const scope of this.#scopes.all('origin')) {
      if (!scope.isLimited) continue
      known.set(scope.name, Math.min(known.get(scope.name) ?? this.perOrigin, scope.room(nowMs)))
    }
    return known
  }

  /** Whether a rate is about to let something start. */
  get awaitsPermit(): boolean {
    return this.#scopes.awaitPermit(monotonicMs())
  }

  /** Something is due for these origins: leases what they lack. */
  async admit(origins: ReadonlySet<string>, limit: number): Promise<void> {
    const limited = [...origins].flatMap((origin) => this.#limited('origin', origin))
    const nowMs = monotonicMs()
    const probes = limited.filter((scope) => scope.mayProbe(nowMs))
    if (probes.length > 0) await this.#breakers.probe(probes)
    const lacking = limited.filter((scope) => scope.lacks(nowMs))
    if (lacking.length > 0) await this.#leases.ask('origin', lacking, limit)
  }

  /** Writes what is new, and gives back what is leased. */
  async stop(): Promise<void> {
    clearTimeout(this.#startTimer)
    await this.#breakers.news.write()
    await this.#leases.stop()
  }

  #limited(kind: ScopeKind, name: string): Scope[] {
    const scope = this.#scopes.get(kind, name)
    return scope?.isLimited ? [scope] : []
  }

  #startIn(ms: number): void {
    this.#startTimer ??= setTimeout(() => {
      this.#startTimer = undefined
      this.#listeners.onStart()
    }, ms)
  }
}
