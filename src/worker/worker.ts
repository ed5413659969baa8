import { setTimeout as sleep } from 'node:timers/promises'
import type { Delivery } from '../core/attempt.ts'
import { decideOutcome } from '../core/outcome.ts'
import type { ClaimedRequest } from '../core/request.ts'
import { refuseToSend, withoutResponse } from '../core/unsent.ts'
import { monotonicMs } from '../runtime/clock.ts'
import { Loop } from '../runtime/loop.ts'
import { claimRequests, nextDueInMs, releaseClaims, releaseUnknownClaims, toClaimedRequest } from '../store/claims.ts'
import { inTransaction, type PrismaClientLike, withDatabaseErrors } from '../store/db.ts'
import { Channels } from './channels.ts'
import type { Settler } from './settle.ts'

/** How long a claim outlives the deadline of its request. */
export const LEASE_GRACE_MS = 30_000
/** A request that could not be started within this is given back: its lease might end before its deadline does. */
const LATEST_START_MS = LEASE_GRACE_MS / 2

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
  deliver: (request: ClaimedRequest) => Promise<Delivery>
  workerId: string
  random: () => number
  onError: (error: unknown, failures: number) => number
}

interface Run {
  done: Promise<void>
  giveUp(): void
}

/** Keeps its slots full of claimed requests and hands finished tries to the settler. Knows no HTTP. */
export class Worker {
  readonly #parts: WorkerParts
  readonly #channels: Channels
  readonly #concurrency: number
  readonly #running = new Map<ClaimedRequest, Run>()
  readonly #loop: Loop
  #stopping = false
  #idleMs = SHORTEST_IDLE_MS
  #refill: NodeJS.Timeout | undefined
  #mayHoldUnknown = false

  constructor(parts: WorkerParts, channels: readonly string[] | 'all', concurrency: number) {
    this.#parts = parts
    this.#channels = new Channels(parts.db, channels)
    this.#concurrency = concurrency
    this.#loop = new Loop(() => this.#fill(), parts.onError)
  }

  /** Something may be due now. */
  wake(): void {
    this.#idleMs = SHORTEST_IDLE_MS
    this.#channels.forget()
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
    for (let failures = 0; this.#mayHoldUnknown && failures < GIVE_BACK_TRIES; ) {
      try {
        await this.#releaseUnknown()
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
    if (this.#mayHoldUnknown) await this.#releaseUnknown()
    const channels = await this.#channels.next()
    const askedAtMs = monotonicMs()
    const claims = channels.length === 0 ? [] : await this.#claim(channels, free)
    if (this.#stopping) {
      this.#mayHoldUnknown = true
      return 0
    }
    this.#channels.served(
      channels,
      claims.map((claim) => claim.channel),
    )
    for (const claim of claims) this.#start(claim, askedAtMs)
    if (claims.length === 0) return this.#idle(channels)
    this.#idleMs = SHORTEST_IDLE_MS
    return 0
  }

  async #claim(channels: string[], limit: number): Promise<ClaimedRequest[]> {
    const { db, workerId } = this.#parts
    this.#mayHoldUnknown = true
    const [rows] = await inTransaction(db, [claimRequests(db, channels, limit, workerId, LEASE_GRACE_MS)])
    this.#mayHoldUnknown = false
    return rows.map(toClaimedRequest)
  }

  /** The last claim may have worked although its answer never came, or came when it was too late to send. */
  async #releaseUnknown(): Promise<void> {
    const { db, settler, workerId } = this.#parts
    const held = [...[...this.#running.keys()].map((claim) => claim.id), ...settler.requestIds]
    await withDatabaseErrors(() => releaseUnknownClaims(db, workerId, held))
    this.#mayHoldUnknown = false
  }

  /** Ever longer while nothing comes, but never past the time at which the next request is due. */
  async #idle(channels: string[]): Promise<number> {
    const { db } = this.#parts
    const idleMs = this.#idleMs
    this.#idleMs = Math.min(idleMs * 2, LONGEST_IDLE_MS)
    if (channels.length === 0) return idleMs
    const [due] = await withDatabaseErrors(() => nextDueInMs(db, channels))
    // What is due already but was not claimed is locked by somebody: asking faster would not free it.
    return due?.ms != null && due.ms > 0 ? Math.min(idleMs, due.ms) : idleMs
  }

  #start(claim: ClaimedRequest, askedAtMs: number): void {
    let giveUp: () => void = () => {}
    const givenUp = new Promise<Delivery>((resolve) => {
      giveUp = () => resolve(abandoned(monotonicMs() - askedAtMs))
    })
    const done = this.#run(claim, askedAtMs, givenUp).finally(() => {
      this.#running.delete(claim)
      this.#slotFreed()
    })
    this.#running.set(claim, { done, giveUp })
  }

  async #run(claim: ClaimedRequest, askedAtMs: number, givenUp: Promise<Delivery>): Promise<void> {
    const { db, settler, deliver, workerId, random, onError } = this.#parts
    if (monotonicMs() - askedAtMs > LATEST_START_MS) {
      await withDatabaseErrors(() => releaseClaims(db, [claim])).catch((error) => onError(error, 1))
      return
    }
    const delivery = refuseToSend(claim) ?? (await Promise.race([deliver(claim), givenUp]))
    const nowMs = claim.claimedAtMs + (monotonicMs() - askedAtMs)
    settler.add({ claim, delivery, decision: decideOutcome(claim, delivery, nowMs, random), workerId })
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
