import type { Delivery } from '../core/attempt.ts'
import { decideOutcome } from '../core/outcome.ts'
import type { ClaimedRequest } from '../core/request.ts'
import { refuseToSend, withoutResponse } from '../core/unsent.ts'
import { monotonicMs } from '../runtime/clock.ts'
import { Loop } from '../runtime/loop.ts'
import { claimRequests, listPendingChannels, nextDueInMs, releaseClaims, toClaimedRequest } from '../store/claims.ts'
import { inTransaction, type PrismaClientLike, withDatabaseErrors } from '../store/db.ts'
import type { Settler } from './settle.ts'

/** How long a claim outlives the deadline of its request. */
export const LEASE_GRACE_MS = 30_000
/** A request that could not be started within this is given back: its lease might end before its deadline does. */
const LATEST_START_MS = LEASE_GRACE_MS / 2

const SHORTEST_IDLE_MS = 25
const LONGEST_IDLE_MS = 1000
/** Freed slots wait this long for company, so that a claim is worth its transaction. */
const REFILL_MS = 5
/** How long the list of channels that have work is believed, when the worker takes all of them. */
const CHANNELS_MS = 100
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

/** Keeps its slots full of claimed requests and hands finished tries to the settler. Knows no HTTP. */
export class Worker {
  readonly #parts: WorkerParts
  readonly #channels: readonly string[] | 'all'
  readonly #concurrency: number
  readonly #running = new Set<Promise<void>>()
  readonly #loop: Loop
  #stopping = false
  #giveUp: () => void = () => {}
  readonly #givenUp = new Promise<void>((resolve) => {
    this.#giveUp = resolve
  })
  #idleMs = SHORTEST_IDLE_MS
  #rotation = 0
  #refill: NodeJS.Timeout | undefined
  #known: { channels: string[]; atMs: number } = { channels: [], atMs: Number.NEGATIVE_INFINITY }

  constructor(parts: WorkerParts, channels: readonly string[] | 'all', concurrency: number) {
    this.#parts = parts
    this.#channels = channels
    this.#concurrency = concurrency
    this.#loop = new Loop(() => this.#fill(), parts.onError)
  }

  /** Something may be due now. */
  wake(): void {
    this.#idleMs = SHORTEST_IDLE_MS
    this.#known.atMs = Number.NEGATIVE_INFINITY
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
    const timer = setTimeout(this.#giveUp, timeoutMs)
    await Promise.all(this.#running)
    clearTimeout(timer)
  }

  /** Claims as many requests as there are free slots. Says how long to wait until the next time. */
  async #fill(): Promise<number> {
    const { db, settler, workerId } = this.#parts
    const free = this.#concurrency - this.#running.size
    if (free === 0 || settler.backlog > this.#concurrency * BACKLOG_PER_SLOT) return LONGEST_IDLE_MS
    const channels = await this.#channelsToAsk()
    const askedAtMs = monotonicMs()
    const rows = channels.length === 0 ? [] : await this.#claim(channels, free)
    const claims = rows.map(toClaimedRequest)
    if (this.#stopping) {
      await withDatabaseErrors(() => releaseClaims(db, claims))
      return 0
    }
    for (const claim of claims) this.#start(claim, askedAtMs, workerId)
    if (claims.length > 0) {
      this.#idleMs = SHORTEST_IDLE_MS
      return 0
    }
    return this.#idle(channels)
  }

  async #claim(channels: string[], limit: number) {
    const { db, workerId } = this.#parts
    const [rows] = await inTransaction(db, [claimRequests(db, channels, limit, workerId, LEASE_GRACE_MS)])
    return rows
  }

  /** Ever longer while nothing comes, but never past the time at which the next request is due. */
  async #idle(channels: string[]): Promise<number> {
    const { db } = this.#parts
    const idleMs = this.#idleMs
    this.#idleMs = Math.min(idleMs * 2, LONGEST_IDLE_MS)
    if (channels.length === 0) return idleMs
    const [due] = await withDatabaseErrors(() => nextDueInMs(db, channels))
    return due?.ms == null ? idleMs : Math.min(idleMs, Math.max(due.ms, 1))
  }

  /** The channels, beginning with another one each time, so that none is always first. */
  async #channelsToAsk(): Promise<string[]> {
    const channels = this.#channels === 'all' ? await this.#channelsWithWork() : this.#channels
    const first = this.#rotation++ % Math.max(channels.length, 1)
    return [...channels.slice(first), ...channels.slice(0, first)]
  }

  async #channelsWithWork(): Promise<string[]> {
    const { db } = this.#parts
    if (monotonicMs() - this.#known.atMs > CHANNELS_MS) {
      const rows = await withDatabaseErrors(() => listPendingChannels(db))
      this.#known = { channels: rows.map((row) => row.channel), atMs: monotonicMs() }
    }
    return this.#known.channels
  }

  #start(claim: ClaimedRequest, askedAtMs: number, workerId: string): void {
    const run = this.#run(claim, askedAtMs, workerId).finally(() => {
      this.#running.delete(run)
      this.#slotFreed()
    })
    this.#running.add(run)
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

  async #run(claim: ClaimedRequest, askedAtMs: number, workerId: string): Promise<void> {
    const { db, settler, deliver, random, onError } = this.#parts
    if (monotonicMs() - askedAtMs > LATEST_START_MS) {
      await withDatabaseErrors(() => releaseClaims(db, [claim])).catch((error) => onError(error, 1))
      return
    }
    const stopped = this.#givenUp.then(() => abandoned(monotonicMs() - askedAtMs))
    const delivery = refuseToSend(claim) ?? (await Promise.race([deliver(claim), stopped]))
    const nowMs = claim.claimedAtMs + (monotonicMs() - askedAtMs)
    settler.add({ claim, delivery, decision: decideOutcome(claim, delivery, nowMs, random), workerId })
  }
}

function abandoned(durationMs: number): Delivery {
  const message = 'The worker was stopped before the answer came. The request may have been sent.'
  return { ...withoutResponse('abandoned', 'worker_stopped', message), durationMs: Math.round(durationMs) }
}
