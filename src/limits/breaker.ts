import type { Events } from '../events/events.ts'
import type { Delivery } from '../policy/attempt.ts'
import { type BreakerPolicy, FailureWindow, isFailure } from '../policy/breaker.ts'
import type { ClaimedRequest } from '../policy/request.ts'
import { retryAfterMs } from '../policy/retry-after.ts'
import { monotonicMs } from '../runtime/clock.ts'
import { closeBreaker, openBreaker, postponeOrigin, takeProbes } from '../store/breakers.ts'
import { type PrismaClientLike, withDatabaseErrors } from '../store/db.ts'
import { BreakerNews } from './breaker-news.ts'
import { SAME_MS, type Scope } from './scope.ts'

/** How many origins are watched; beyond that the oldest are forgotten. */
const WATCHED = 500
/** After this another worker may probe the origin. */
const PROBE_LEASE_MS = 30_000
/** The least part of `openFor` that a breaker is open. */
const LEAST_SPREAD = 0.8

export interface BreakerParts {
  db: PrismaClientLike
  events: Events
  workerId: string
  random: () => number
  onError: (error: unknown, failures: number) => number
}

/** The part of a claim by which its receiver is judged. */
export type Judged = Pick<ClaimedRequest, 'accept' | 'retry'>

/** Watches the outcomes of the requests to each origin, and blocks origins that fail or ask for it. */
export class Breakers {
  readonly #policy: BreakerPolicy | null
  readonly #parts: BreakerParts
  readonly #windows = new Map<string, FailureWindow>()
  /** What other workers are to know. */
  readonly news: BreakerNews

  /** @param policy - null for none: then nothing is blocked */
  constructor(policy: BreakerPolicy | null, parts: BreakerParts) {
    this.#policy = policy
    this.#parts = parts
    this.news = new BreakerNews(parts.onError)
  }

  /**
   * @param atMs - the database's time when the attempt ended
   * @returns whether there is something to write
   */
  ended(origin: Scope, claim: Judged, delivery: Delivery, atMs: number): boolean {
    const failed = isFailure(claim.accept, delivery)
    if (failed === null) return false
    if (failed) origin.slowStart?.failed()
    else origin.slowStart?.answered()
    if (this.#policy === null) return false
    const postponed = this.#postpone(origin, claim, delivery, atMs)
    return this.#judge(this.#policy, origin, failed) || postponed
  }

  #postpone(origin: Scope, claim: Judged, { status, headers }: Delivery, atMs: number): boolean {
    if (status !== 429 && status !== 503) return false
    const forMs = Math.min(retryAfterMs(headers ?? [], atMs) ?? 0, claim.retry.maxMs)
    if (forMs <= 0) return false
    const nowMs = monotonicMs()
    // Each response to the requests under way says the same.
    if (origin.blockedForMs(nowMs) > forMs - SAME_MS) return false
    const isNew = !origin.isBlocked(nowMs)
    origin.block(forMs, nowMs)
    this.news.add(origin.name, 'retry', async () => {
      await withDatabaseErrors(() => postponeOrigin(this.#parts.db, origin.name, forMs))
      if (isNew) this.#parts.events.emit('originPaused', { origin: origin.name, forMs })
    })
    return true
  }

  #judge(policy: BreakerPolicy, origin: Scope, failed: boolean): boolean {
    const nowMs = monotonicMs()
    if (origin.isProbing(nowMs)) {
      if (failed) this.#open(policy, origin, nowMs)
      else this.#close(origin)
      return true
    }
    if (origin.breaker !== 'closed') return false
    if (!this.#window(policy, origin.name).record(failed, nowMs)) return false
    this.#open(policy, origin, nowMs)
    return true
  }

  #open(policy: BreakerPolicy, origin: Scope, nowMs: number): void {
    const { db, events, workerId, random } = this.#parts
    origin.block(policy.openMs, nowMs, 'open')
    this.#windows.delete(origin.name)
    const spread = LEAST_SPREAD + (1 - LEAST_SPREAD) * random()
    this.news.add(origin.name, 'breaker', async () => {
      const [opened] = await withDatabaseErrors(() => openBreaker(db, origin.name, policy, workerId, spread))
      if (opened) events.emit('breakerOpened', { origin: origin.name, forMs: Math.round(opened.openForMs) })
    })
  }

  #close(origin: Scope): void {
    const { db, events } = this.#parts
    origin.recovered()
    this.news.add(origin.name, 'breaker', async () => {
      const [closed] = await withDatabaseErrors(() => closeBreaker(db, origin.name))
      if (closed) events.emit('breakerClosed', { origin: origin.name })
    })
  }

  /** Takes on the probing of those of these origins that nobody else probes. */
  async probe(origins: readonly Scope[]): Promise<void> {
    const { db, workerId } = this.#parts
    const names = origins.map(({ name }) => name)
    const askedAtMs = monotonicMs()
    const taken = await withDatabaseErrors(() => takeProbes(db, names, workerId, PROBE_LEASE_MS))
    const mine = new Set(taken.map(({ origin }) => origin))
    for (const origin of origins) {
      if (mine.has(origin.name)) origin.probes(askedAtMs + PROBE_LEASE_MS)
    }
  }

  #window(policy: BreakerPolicy, origin: string): FailureWindow {
    const known = this.#windows.get(origin)
    if (known) return known
    const window = new FailureWindow(policy)
    this.#windows.set(origin, window)
    const [oldest] = this.#windows.keys()
    if (this.#windows.size > WATCHED && oldest !== undefined) this.#windows.delete(oldest)
    return window
  }
}
