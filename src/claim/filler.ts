import type { Limiter } from '../limits/limiter.ts'
import type { SettingsPoll } from '../limits/settings-poll.ts'
import type { Quota } from '../policy/quota.ts'
import { monotonicMs } from '../runtime/clock.ts'
import type { Turns } from '../runtime/turns.ts'
import type { Settler } from '../settle/settler.ts'
import type { Claimer } from './claimer.ts'
import type { LocalQueue } from './local-queue.ts'
import type { Poller } from './poller.ts'

/** What was claimed ahead and is not started within this is given back. */
const LONGEST_READY_MS = 1000
/** Unwritten attempts per slot at which no more are claimed. */
const BACKLOG_PER_SLOT = 20
/** Bytes of unwritten bodies at which no more are claimed. */
const BACKLOG_BYTES = 16_777_216

interface FillerParts {
  claimer: Claimer
  queue: LocalQueue
  limits: Limiter
  settings: SettingsPoll
  poller: Poller
  settler: Pick<Settler, 'backlog' | 'backlogBytes' | 'requestIds'>
  turns: Turns
  quota: Quota
  concurrency: number
  /** Starts what waits in the queue and may start. */
  start: () => void
}

/** One turn of the worker's loop: claims as many requests as the queue lacks, if something may be due. */
export class Filler {
  readonly #parts: FillerParts
  #stopping = false

  constructor(parts: FillerParts) {
    this.#parts = parts
  }

  /** What is claimed from now on is given back. */
  stop(): void {
    this.#stopping = true
  }

  /** The requests that this worker holds: their attempts are ahead, under way, or not written yet. */
  get heldIds(): string[] {
    const { queue, settler } = this.#parts
    return [...queue.ids, ...settler.requestIds]
  }

  /** Whether this worker holds nothing. */
  get isAtRest(): boolean {
    const { queue, settler } = this.#parts
    return queue.isEmpty && settler.requestIds.length === 0
  }

  /** Whether so much that is finished is not written yet that no more is to be claimed. */
  get hasBacklog(): boolean {
    const { settler, concurrency } = this.#parts
    return settler.backlog > concurrency * BACKLOG_PER_SLOT || settler.backlogBytes > BACKLOG_BYTES
  }

  /** Returns how long to wait until the next time. */
  async fill(): Promise<number> {
    const { queue, poller, quota, settings } = this.#parts
    const { isAtRest } = this
    const fromMs = monotonicMs()
    const dueInMs = await this.#lookAhead()
    await this.#giveBackStuck()
    if (dueInMs > 0) {
      if (isAtRest) quota.onIdle(fromMs)
      return poller.missed(dueInMs)
    }
    const lacking = quota.mayClaim(queue.lacking, () => this.heldIds.length)
    const isBehind = this.hasBacklog
    if (lacking > 0 && !isBehind) return this.#claim(lacking, isAtRest)
    if (isBehind) poller.isBehind()
    else poller.isFull()
    return settings.freshForMs
  }

  async #claim(lacking: number, isAtRest: boolean): Promise<number> {
    const { claimer, queue, poller, limits, turns, quota, settings } = this.#parts
    poller.asked()
    const askedAtMs = monotonicMs()
    const claim = () => claimer.claim(lacking, () => this.heldIds)
    // Where much is due, two statements at once are done no sooner than one after the other, and need another connection.
    const claims = await (poller.isIdle ? claim() : turns.take(claim))
    poller.answered()
    if (this.#stopping) {
      if (claims.length > 0) claimer.markReleased()
      return 0
    }
    queue.add(claims, askedAtMs)
    this.#parts.start()
    if (claims.length === 0) {
      if (claimer.hasCorrected) return poller.found()
      if (isAtRest && !limits.awaitsPermit) quota.onIdle(askedAtMs)
      return poller.missed()
    }
    if (claims.length < lacking && !limits.isFull()) return poller.found()
    poller.isFull()
    return queue.isHungry ? 0 : settings.freshForMs
  }

  /** In how many milliseconds something will be due; 0 where it may be so already. */
  async #lookAhead(): Promise<number> {
    const { claimer, poller, settings } = this.#parts
    if (poller.next === 'look' && !claimer.mayHoldUnknown) return settings.nextDueInMs()
    await settings.refresh()
    return 0
  }

  /** Gives back what waits too long for a slot: its origin stopped answering, or was paused. */
  async #giveBackStuck(): Promise<void> {
    const { claimer, queue } = this.#parts
    if (queue.drop(monotonicMs() - LONGEST_READY_MS) === 0) return
    claimer.markReleased()
    await claimer.releaseUnknown(this.heldIds)
  }
}
