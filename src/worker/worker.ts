import { setTimeout as sleep } from 'node:timers/promises'
import type { Delivery } from '../core/attempt.ts'
import { decideOutcome } from '../core/outcome.ts'
import type { ClaimedRequest } from '../core/request.ts'
import { refuseToSend, withoutResponse } from '../core/unsent.ts'
import { type Content, requestRow, type Vault } from '../encryption/vault.ts'
import { monotonicMs } from '../runtime/clock.ts'
import { Loop } from '../runtime/loop.ts'
import { releaseClaims } from '../store/claims.ts'
import { type PrismaClientLike, withDatabaseErrors } from '../store/db.ts'
import { Claimer, LEASE_GRACE_MS } from './claimer.ts'
import type { DeliverableRequest } from './deliver.ts'
import { Origins } from './origins.ts'
import type { Settler } from './settle.ts'

/** A request that could not be started within this is given back: its lease might end before its deadline does. */
const LATEST_START_MS = LEASE_GRACE_MS / 2

/** A request that cannot be decrypted is looked at again after this. */
const UNREADABLE_MS = 15_000

const SHORTEST_IDLE_MS = 25
const LONGEST_IDLE_MS = 1000
/** Freed slots wait this long for company, so that a claim is worth its transaction. */
const REFILL_MS = 5
/** A worker that stops does not wait for ever for a database that is away: the leases run out as well. */
const GIVE_BACK_TRIES = 3
/** Finished tries that wait to be written, per slot, at which no more are claimed. */
const BACKLOG_PER_SLOT = 10

export interface WorkerParts {
  db: PrismaClientLike
  settler: Settler
  vault: Vault
  deliver: (request: DeliverableRequest) => Promise<Delivery>
  workerId: string
  random: () => number
  onError: (error: unknown, failures: number) => number
}

/** What a worker takes on. */
export interface WorkerTerms {
  channels: readonly string[] | 'all'
  concurrency: number
  concurrencyPerOrigin: number
}

interface Run {
  done: Promise<void>
  giveUp(): void
}

/** Keeps its slots full of claimed requests and hands finished tries to the settler. Knows no HTTP. */
export class Worker {
  readonly #parts: WorkerParts
  readonly #claimer: Claimer
  readonly #origins: Origins
  readonly #concurrency: number
  readonly #running = new Map<ClaimedRequest, Run>()
  readonly #loop: Loop
  #stopping = false
  #idleMs = SHORTEST_IDLE_MS
  #refill: NodeJS.Timeout | undefined

  constructor(parts: WorkerParts, terms: WorkerTerms) {
    this.#parts = parts
    this.#concurrency = terms.concurrency
    this.#origins = new Origins(terms.concurrencyPerOrigin)
    this.#claimer = new Claimer(parts.db, terms.channels, this.#origins, parts.workerId)
    this.#loop = new Loop(() => this.#fill(), parts.onError)
  }

  /** Something may be due now. */
  wake(): void {
    this.#idleMs = SHORTEST_IDLE_MS
    this.#claimer.forget()
    this.#loop.wake()
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
      for (const run of this.#running.values()) run.giveUp()
    }, timeoutMs)
    await Promise.all([this.#giveBack(), ...[...this.#running.values()].map((run) => run.done)])
    clearTimeout(timer)
  }

  /** What was claimed and will not be sent any more is for other workers, and its try is not spent. */
  async #giveBack(): Promise<void> {
    for (let failures = 0; this.#claimer.mayHoldUnknown && failures < GIVE_BACK_TRIES; ) {
      try {
        await this.#claimer.releaseUnknown(this.#heldIds())
      } catch (error) {
        await sleep(this.#parts.onError(error, ++failures))
      }
    }
  }

  /** Claims as many requests as there are free slots. Says how long to wait until the next time. */
  async #fill(): Promise<number> {
    const { settler } = this.#parts
    const free = this.#concurrency - this.#running.size
    if (free === 0 || settler.backlog > this.#concurrency * BACKLOG_PER_SLOT) return LONGEST_IDLE_MS
    const askedAtMs = monotonicMs()
    const claims = await this.#claimer.claim(free, () => this.#heldIds())
    if (this.#stopping) {
      this.#claimer.mayHoldUnknown = claims.length > 0
      return 0
    }
    for (const claim of claims) this.#start(claim, askedAtMs)
    if (claims.length === 0) return this.#idle()
    this.#idleMs = SHORTEST_IDLE_MS
    return 0
  }

  #heldIds(): string[] {
    return [...[...this.#running.keys()].map((claim) => claim.id), ...this.#parts.settler.requestIds]
  }

  /**
   * Ever longer while nothing comes, but never past the time at which the next request is due. What is due already but
   * was not claimed is locked by somebody, or its origin has no room: asking faster would not help.
   */
  async #idle(): Promise<number> {
    const idleMs = this.#idleMs
    this.#idleMs = Math.min(idleMs * 2, LONGEST_IDLE_MS)
    return Math.min(idleMs, (await this.#claimer.nextDueInMs()) ?? idleMs)
  }

  #start(claim: ClaimedRequest, askedAtMs: number): void {
    let giveUp: () => void = () => {}
    const givenUp = new Promise<Delivery>((resolve) => {
      giveUp = () => resolve(abandoned(monotonicMs() - askedAtMs))
    })
    this.#origins.started(claim.origin)
    const done = this.#run(claim, askedAtMs, givenUp).then((answered) => {
      this.#origins.ended(claim.origin, answered)
      this.#running.delete(claim)
      this.#slotFreed()
    })
    this.#running.set(claim, { done, giveUp })
  }

  /** Says whether a response came; null when nothing was sent or nobody waited for one. */
  async #run(claim: ClaimedRequest, askedAtMs: number, givenUp: Promise<Delivery>): Promise<boolean | null> {
    const { db, settler, deliver, workerId, random, onError } = this.#parts
    if (monotonicMs() - askedAtMs > LATEST_START_MS) {
      await withDatabaseErrors(() => releaseClaims(db, [claim])).catch((error) => onError(error, 1))
      return null
    }
    const content = await this.#open(claim)
    if (content === null) return null
    const delivery = refuseToSend(claim) ?? (await Promise.race([deliver({ ...claim, ...content }), givenUp]))
    const nowMs = claim.claimedAtMs + (monotonicMs() - askedAtMs)
    settler.add({ claim, delivery, decision: decideOutcome(claim, delivery, nowMs, random), workerId })
    if (delivery.outcome === 'response') return true
    return delivery.outcome === 'timeout' || delivery.outcome === 'network_error' ? false : null
  }

  /** Null when this worker lacks the key. Another may have it, so the request is left for later, with the try unspent. */
  async #open(claim: ClaimedRequest): Promise<Content | null> {
    const { db, vault, onError } = this.#parts
    try {
      return vault.open(requestRow(claim.id), claim)
    } catch (error) {
      onError(error, 1)
      await withDatabaseErrors(() => releaseClaims(db, [claim], UNREADABLE_MS)).catch((error) => onError(error, 1))
      return null
    }
  }

  #slotFreed(): void {
    if (this.#stopping) return
    const free = this.#concurrency - this.#running.size
    if (free >= this.#concurrency / 2) this.#loop.wake()
    else this.#refill ??= setTimeout(() => this.#refillNow(), REFILL_MS)
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
