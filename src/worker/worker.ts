import { setTimeout as sleep } from 'node:timers/promises'
import type { Delivery } from '../core/attempt.ts'
import type { Booked, Booking } from '../core/booking.ts'
import type { BreakerPolicy } from '../core/breaker.ts'
import { clamp } from '../core/clamp.ts'
import { rendererUrl } from '../core/rendering.ts'
import type { ClaimedRequest } from '../core/request.ts'
import { withoutResponse } from '../core/unsent.ts'
import { monotonicMs } from '../runtime/clock.ts'
import { Loop } from '../runtime/loop.ts'
import { Bookings } from './bookings.ts'
import type { BreakerParts } from './breakers.ts'
import { Claimer } from './claimer.ts'
import type { Judge } from './judge.ts'
import { Limits } from './limits.ts'
import { isFull } from './origins.ts'
import { databaseMs, Ready, type ReadyClaim } from './ready.ts'
import { Sending, type SendingParts } from './sending.ts'
import type { Settler } from './settle.ts'

/** What was claimed ahead and is not started within this is for other workers. */
const LONGEST_READY_MS = 1000

const SHORTEST_IDLE_MS = 25
const LONGEST_IDLE_MS = 1000
/**
 * Freed slots wait this long for company, or as long as the last claim took if that is more: where the database is busy,
 * claims get larger instead of more.
 */
const REFILL_MS = { least: 5, most: 100 }
/** A worker that stops does not wait for ever for a database that is away: the leases run out as well. */
const GIVE_BACK_TRIES = 3
/** Finished tries that wait to be written, per slot, at which no more are claimed. */
const BACKLOG_PER_SLOT = 10
/** Bytes of their bodies at which no more are claimed. */
const BACKLOG_BYTES = 16_777_216

export interface WorkerParts extends SendingParts, BreakerParts {
  settler: Pick<Settler, 'add' | 'backlog' | 'backlogBytes' | 'requestIds'>
  judge: Judge
  /** Null for none. */
  breaker: BreakerPolicy | null
}

/** What a worker takes on. */
export interface WorkerTerms {
  channels: readonly string[] | 'all'
  concurrency: number
  concurrencyPerOrigin: number
}

/**
 * Keeps its slots full of claimed requests and hands finished tries to the settler. Where responses come fast it claims
 * ahead, so that no slot waits for the database. Knows no HTTP.
 */
export class Worker {
  readonly #parts: WorkerParts
  readonly #claimer: Claimer
  readonly #limits: Limits
  readonly #terms: WorkerTerms
  /** What is being sent, each with what gives it up. */
  readonly #running = new Map<ClaimedRequest, () => void>()
  readonly #ready: Ready
  readonly #bookings: Bookings
  readonly #sending: Sending
  readonly #loop: Loop
  #stopping = false
  #finished: () => void = () => {}
  #idleMs = SHORTEST_IDLE_MS
  #refill: NodeJS.Timeout | undefined
  #claimMs = 0
  /** The last claim got all that it asked for, or left some because their origin had no room, or there was none. */
  #mayBeMore = true

  constructor(parts: WorkerParts, terms: WorkerTerms) {
    this.#parts = parts
    this.#terms = terms
    this.#limits = new Limits(parts, parts.breaker, terms, {
      onStart: () => this.#startReady(),
      onRoom: () => this.wake(),
    })
    this.#ready = new Ready(this.#limits)
    this.#sending = new Sending(parts, this.#limits)
    this.#bookings = new Bookings(parts.workerId, this.#limits, {
      onTaken: (ready) => this.#taken(ready),
      onCancelled: () => {
        this.#claimer.disown()
        this.wake()
      },
    })
    this.#claimer = new Claimer(parts.db, terms.channels, this.#limits, parts.workerId)
    this.#loop = new Loop(async () => Math.min(await this.#fill(), this.#limits.believedForMs), parts.onError)
  }

  /** Something may be due now, or soon: in this channel, or in any. */
  wake(channel?: string): void {
    this.#idleMs = SHORTEST_IDLE_MS
    this.#claimer.expect(channel)
    this.#loop.wake()
  }

  /**
   * Keeps a slot for a request that is about to be written, if this worker would claim it at once: then it can be written
   * as claimed. It overtakes nothing that this worker knows of.
   */
  book(request: Booked): Booking | null {
    const { channels, concurrency } = this.#terms
    const isTaken = channels === 'all' || channels.includes(request.channel)
    const hasSlot = this.#running.size + this.#ready.size + this.#bookings.size < concurrency
    const isIdle = !this.#stopping && !this.#mayBeMore && !this.#claimer.isReleasing
    return isTaken && hasSlot && isIdle && this.#limits.isFree(request) ? this.#bookings.add(request) : null
  }

  async #taken(ready: ReadyClaim): Promise<void> {
    if (this.#stopping) {
      this.#limits.disowned(ready.claim)
      await this.#sending.release(ready.claim)
      return
    }
    this.#ready.add([ready.claim], ready.askedAtMs)
    this.#startReady()
  }

  /** Something was paused, resumed or limited. */
  refreshLimits(): void {
    this.#limits.changed()
    this.wake()
  }

  /**
   * Claims nothing more and waits up to `timeoutMs` for what is being sent. What has no answer by then is handed to the
   * settler as abandoned.
   */
  async stop(timeoutMs: number): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#refill)
    await this.#loop.stop()
    const timer = setTimeout(() => {
      for (const giveUp of [...this.#running.values()]) giveUp()
    }, timeoutMs)
    await Promise.all([this.#giveBack(), this.#allFinished(), this.#claimer.stop()])
    clearTimeout(timer)
    await this.#limits.stop().catch((error) => this.#parts.onError(error, 1))
  }

  async #allFinished(): Promise<void> {
    while (this.#running.size > 0) {
      await new Promise<void>((resolve) => {
        this.#finished = resolve
      })
    }
  }

  /** What was claimed and will not be sent any more is for other workers, and its try is not spent. */
  async #giveBack(): Promise<void> {
    if (this.#ready.drop(Number.POSITIVE_INFINITY) > 0) this.#claimer.disown()
    for (let failures = 0; this.#claimer.mayHoldUnknown && failures < GIVE_BACK_TRIES; ) {
      try {
        await this.#claimer.releaseUnknown(this.#heldIds())
      } catch (error) {
        await sleep(this.#parts.onError(error, ++failures))
      }
    }
  }

  /** Claims as many requests as it lacks. Says how long to wait until the next time. */
  async #fill(): Promise<number> {
    const { settler } = this.#parts
    await this.#limits.refresh()
    await this.#giveBackStuck()
    const lacking = this.#lacking()
    const isBehind =
      settler.backlog > this.#terms.concurrency * BACKLOG_PER_SLOT || settler.backlogBytes > BACKLOG_BYTES
    if (lacking <= 0 || isBehind) {
      this.#mayBeMore = true
      return isBehind ? SHORTEST_IDLE_MS : LONGEST_IDLE_MS
    }
    const askedAtMs = monotonicMs()
    const claims = await this.#claimer.claim(lacking, () => this.#heldIds())
    this.#claimMs = monotonicMs() - askedAtMs
    if (this.#stopping) {
      if (claims.length > 0) this.#claimer.disown()
      return 0
    }
    this.#ready.add(claims, askedAtMs)
    this.#startReady()
    if (claims.length > 0) this.#idleMs = SHORTEST_IDLE_MS
    this.#mayBeMore = claims.length >= lacking || (claims.length > 0 && isFull(this.#limits.rooms()))
    if (!this.#mayBeMore) return this.#idle()
    return this.#isHungry() ? 0 : LONGEST_IDLE_MS
  }

  #lacking(): number {
    return this.#slots() - this.#running.size - this.#ready.size - this.#bookings.size
  }

  #slots(): number {
    return this.#terms.concurrency + this.#limits.ahead
  }

  /** Whether so much is lacking that a claim is worth its transaction. */
  #isHungry(): boolean {
    return this.#lacking() >= this.#slots() / 2
  }

  /** What waits for a slot although responses came fast: its origin does not answer any more, or was paused. */
  async #giveBackStuck(): Promise<void> {
    if (this.#ready.drop(monotonicMs() - LONGEST_READY_MS) === 0) return
    this.#claimer.disown()
    await this.#claimer.releaseUnknown(this.#heldIds())
  }

  #startReady(): void {
    while (this.#running.size < this.#terms.concurrency) {
      const next = this.#ready.take()
      if (!next) return
      this.#start(next)
    }
  }

  #heldIds(): string[] {
    const running = [...this.#running.keys()].map((claim) => claim.id)
    return [...running, ...this.#bookings.ids, ...this.#ready.ids, ...this.#parts.settler.requestIds]
  }

  /**
   * Ever longer while nothing comes, but never past the time at which the next request is due. What is due already but
   * was not claimed is locked by somebody, or its origin has no room: asking faster would not help.
   */
  async #idle(): Promise<number> {
    const idleMs = this.#idleMs
    this.#idleMs = Math.min(idleMs * 2, LONGEST_IDLE_MS)
    if (idleMs === SHORTEST_IDLE_MS) return idleMs
    return Math.min(idleMs, (await this.#claimer.nextDueInMs()) ?? idleMs)
  }

  #start(ready: ReadyClaim): void {
    const { claim, askedAtMs } = ready
    const finish = (delivery: Delivery | null) => {
      if (!this.#running.delete(claim)) return
      if (delivery) this.#settle(ready, delivery)
      this.#limits.ended(claim, delivery, databaseMs(ready))
      if (this.#stopping) this.#finished()
      else this.#slotFreed()
    }
    this.#limits.started(claim)
    this.#running.set(claim, () => finish(abandoned(monotonicMs() - askedAtMs)))
    void this.#sending.send(ready).then(finish)
  }

  /** From now on this process has the renderer. */
  rendererAdded(name: string): void {
    this.#limits.origins.open(rendererUrl(name))
    this.wake()
  }

  #settle(ready: ReadyClaim, delivery: Delivery): void {
    const { settler, workerId, judge } = this.#parts
    const { claim } = ready
    settler.add({ claim, delivery, decision: judge.decide(claim, delivery, databaseMs(ready)), workerId })
  }

  #slotFreed(): void {
    this.#startReady()
    if (!this.#mayBeMore) return
    if (this.#isHungry()) this.#loop.wake()
    else if (this.#ready.size === 0) this.#refill ??= setTimeout(() => this.#refillNow(), this.#refillMs())
  }

  #refillMs(): number {
    return clamp(this.#claimMs, REFILL_MS.least, REFILL_MS.most)
  }

  #refillNow(): void {
    this.#refill = undefined
    this.#loop.wake()
  }
}

function abandoned(durationMs: number): Delivery {
  const message = 'The worker was stopped before the answer came. The request may have been sent.'
  return { ...withoutResponse('abandoned', 'worker_stopped', message), durationMs: Math.round(durationMs) }
}
