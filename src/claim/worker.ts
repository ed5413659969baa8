import { setTimeout as sleep } from 'node:timers/promises'
import { Executor, type ExecutorParts } from '../deliver/executor.ts'
import type { BreakerParts } from '../limits/breaker.ts'
import { Limiter } from '../limits/limiter.ts'
import { SettingsPoll } from '../limits/settings-poll.ts'
import { rendererUrl } from '../message/rendering.ts'
import type { WorkerTerms } from '../options/worker.ts'
import type { Delivery } from '../policy/attempt.ts'
import type { BreakerPolicy } from '../policy/breaker.ts'
import { databaseMs, type HeldClaim } from '../policy/held-claim.ts'
import type { Quota } from '../policy/quota.ts'
import type { Reservable, Reservation } from '../policy/reservation.ts'
import { abandoned } from '../policy/unsent.ts'
import { monotonicMs } from '../runtime/clock.ts'
import { Loop } from '../runtime/loop.ts'
import type { Turns } from '../runtime/turns.ts'
import type { Classifier } from '../settle/classifier.ts'
import type { Settler } from '../settle/settler.ts'
import { Claimer } from './claimer.ts'
import { Filler } from './filler.ts'
import { LocalQueue } from './local-queue.ts'
import { Poller } from './poller.ts'
import { Reservations } from './reservations.ts'

/** A stopping worker waits only so long for an unreachable database: the leases expire as well. */
const GIVE_BACK_TRIES = 3

export interface WorkerParts extends ExecutorParts, BreakerParts {
  settler: Pick<Settler, 'add' | 'backlog' | 'backlogBytes' | 'requestIds'>
  classifier: Classifier
  /** Taken with the settler. */
  turns: Turns
  quota: Quota
  /** Null for none. */
  breaker: BreakerPolicy | null
}

/**
 * The loop that keeps the slots of one process full.
 *
 * - Wake: a spawn, a notification, a freed slot or limit and a written group wake the loop through the {@link Poller}, which
 *   decides whether it claims, only asks when the next request is due, or waits.
 * - Claim: the {@link Filler} has the {@link Claimer} take as many requests as the {@link LocalQueue} lacks and the
 *   {@link Limiter} and the quota allow. A claim counts the attempt and leases the row until the request's timeout and a grace have
 *   passed.
 * - Hold: the queue holds what is reserved by a spawn, waiting for a slot or running; the settler holds what is finished and
 *   not written. Rows claimed by this worker that neither holds are given back, with their attempts unspent.
 * - Send: the {@link Executor} sends or gives the claim back, the classifier decides, the settler writes.
 *
 * `stop()` ends the claims, gives back what waits, and resolves when nothing runs; `giveUp()` settles what runs as abandoned.
 * If the database does not answer, the leases expire and another worker rescues the rows.
 */
export class Worker {
  readonly #parts: WorkerParts
  readonly #claimer: Claimer
  readonly #limits: Limiter
  readonly #settings: SettingsPoll
  readonly #terms: WorkerTerms
  readonly #reservations: Reservations
  readonly #queue: LocalQueue
  readonly #executor: Executor
  readonly #filler: Filler
  readonly #loop: Loop
  readonly #poller = new Poller(() => this.#loop.wake())
  #stopping = false

  constructor(parts: WorkerParts, terms: WorkerTerms) {
    this.#parts = parts
    this.#terms = terms
    this.#limits = new Limiter(parts, parts.breaker, terms, {
      onStart: () => this.#startWaiting(),
      onRoom: () => this.wake(),
      onNews: () => this.refreshLimits(),
    })
    this.#settings = new SettingsPoll(parts.db, terms.channels, parts.workerId, this.#limits)
    this.#executor = new Executor(parts, this.#limits)
    this.#reservations = new Reservations(parts.workerId, this.#limits, {
      onTaken: (held) => this.#taken(held),
      onCancelled: () => {
        this.#claimer.markReleased()
        this.wake()
      },
    })
    this.#queue = new LocalQueue(terms.concurrency, this.#limits, this.#reservations)
    const { db, events, settler, turns, workerId, quota, onError } = parts
    const { unreadable } = this.#executor
    this.#claimer = new Claimer(db, terms.channels, this.#limits, unreadable, workerId, quota, events.instruments)
    this.#filler = new Filler({
      claimer: this.#claimer,
      queue: this.#queue,
      limits: this.#limits,
      settings: this.#settings,
      poller: this.#poller,
      settler,
      turns,
      quota,
      concurrency: terms.concurrency,
      start: () => this.#startWaiting(),
    })
    this.#loop = new Loop(
      () => this.#filler.fill(),
      (error, failures) => {
        quota.onFailure(error, failures)
        return onError(error, failures)
      },
    )
  }

  /** Something may be due now, or soon: in this channel, or in any. */
  wake(channel?: string): void {
    this.#claimer.expect(channel)
    this.#poller.expect()
  }

  /**
   * Keeps a slot for a request that is about to be written, if this worker would claim it at once: then it can be written
   * as claimed. It overtakes nothing that this worker knows of.
   */
  reserve(request: Reservable): Reservation | null {
    const isTaken = this.#terms.channels === 'all' || this.#terms.channels.includes(request.channel)
    const isIdle = !this.#stopping && this.#poller.isIdle && !this.#claimer.isReleasing
    return isTaken && this.#queue.hasFreeSlot && isIdle && this.#limits.isFree(request)
      ? this.#reservations.add(request)
      : null
  }

  async #taken({ claim, askedAtMs }: HeldClaim): Promise<void> {
    if (!this.#stopping) {
      this.#queue.add([claim], askedAtMs)
      return this.#startWaiting()
    }
    this.#limits.released(claim)
    await this.#executor.release(claim)
  }

  /** Something was paused, resumed or limited. */
  refreshLimits(): void {
    this.#settings.changed()
    this.wake()
  }

  /** Claims nothing more and waits for what is being sent, until `giveUp()`. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#filler.stop()
    this.#poller.stop()
    await this.#loop.stop()
    await this.#giveBack()
    await Promise.all([this.#reservations.ended(), this.#queue.emptied(), this.#claimer.stop()])
    // What a spawn wrote as claimed without getting the result.
    await this.#giveBack()
    await this.#limits.stop().catch((error) => this.#parts.onError(error, 1))
  }

  /** Whether more is due than is held. */
  get isDraining(): boolean {
    return !this.#stopping && !this.#poller.isIdle
  }

  /** Hands what still runs to the settler as abandoned. */
  giveUp(): void {
    for (const held of this.#queue.running) this.#finish(held, abandoned(monotonicMs() - held.askedAtMs))
  }

  /** Gives back what was claimed and will not be sent, with its attempt unspent. */
  async #giveBack(): Promise<void> {
    if (this.#queue.drop(Number.POSITIVE_INFINITY) > 0) this.#claimer.markReleased()
    for (let failures = 0; this.#claimer.mayHoldUnknown && failures < GIVE_BACK_TRIES; ) {
      try {
        await this.#claimer.releaseUnknown(this.#filler.heldIds)
      } catch (error) {
        await sleep(this.#parts.onError(error, ++failures))
      }
    }
  }

  /** How many requests are being sent, and how many more might be. */
  get slots(): { busy: number; free: number } {
    const busy = this.#queue.running.length
    return { busy, free: this.#terms.concurrency - busy }
  }

  /** Whether this worker holds nothing. */
  get isAtRest(): boolean {
    return this.#filler.isAtRest
  }

  /** Whether something is due that was left out because it might not be answered in time. */
  hasOutlasting(): Promise<boolean> {
    return this.#claimer.hasOutlasting()
  }

  /** A finished attempt is written. */
  settled(): void {
    if (!this.#filler.hasBacklog) this.#poller.written()
  }

  #startWaiting(): void {
    for (let next = this.#queue.start(); next; next = this.#queue.start()) this.#start(next)
  }

  #start(held: HeldClaim): void {
    this.#limits.started(held.claim)
    const { tracing } = this.#parts.events.instruments
    if (tracing) held.trace = tracing.attempt(held.claim)
    void this.#executor.send(held).then((delivery) => this.#finish(held, delivery))
  }

  /** Does nothing for what was given up before. */
  #finish(held: HeldClaim, delivery: Delivery | null): void {
    if (!this.#queue.ended(held)) return
    const endedAtMs = databaseMs(held)
    if (delivery) this.#settle(held, delivery, endedAtMs)
    else held.trace?.end(null, null)
    this.#limits.ended(held.claim, delivery, endedAtMs)
    if (this.#stopping) return
    if (delivery === null) this.#parts.quota.onGivenBack()
    this.#startWaiting()
    this.#poller.freed(this.#queue)
  }

  /** From now on this process has the renderer. */
  rendererAdded(name: string): void {
    this.#limits.origins.open(rendererUrl(name))
    this.wake()
  }

  #settle({ claim, trace }: HeldClaim, delivery: Delivery, endedAtMs: number): void {
    const { settler, workerId, classifier } = this.#parts
    const decision = classifier.decide(claim, delivery, endedAtMs)
    trace?.end(delivery, decision.outcome)
    settler.add({ claim, delivery, decision, workerId, endedAtMs })
  }
}
