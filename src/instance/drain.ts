import { DAY_MS } from '../check/bounds.ts'
import type { Handlers } from '../handlers/registry.ts'
import { MaintenanceOnce } from '../maintenance/once.ts'
import { prepareRequest } from '../net/outgoing.ts'
import type { DrainResult, DrainTerms } from '../options/drain.ts'
import type { Quota } from '../policy/quota.ts'
import { onAbort } from '../runtime/abort.ts'
import { clamp } from '../runtime/clamp.ts'
import { monotonicMs } from '../runtime/clock.ts'
import type { Settlement, Verdict } from '../store/settlements.ts'
import { LEAST_DRAIN_MS, Pipeline, type PipelineParts } from './pipeline.ts'

/** The part of a budget that is kept for writing, up to as long as that may take. */
const KEPT_PART = 1 / 4
/** What ends with the budget gets this long to be over. */
const GRACE_MS = 250
/** A drain that cannot claim ends with the error. */
const CLAIM_TRIES = 3

/**
 * What `drain()` starts: a pipeline that is stopped when its worker finds nothing more to do, beside maintenance that is done
 * once.
 */
export class Drain {
  readonly #terms: DrainTerms
  readonly #parts: PipelineParts
  readonly #endsByMs: number
  readonly #pipeline: Pipeline
  readonly #counts = { attempts: 0, delivered: 0, failed: 0, retrying: 0 }
  #stopped: DrainResult['stopped'] | undefined
  #failure: unknown
  #idleSinceMs = Number.NEGATIVE_INFINITY
  #onIdle = () => {}
  /** Resolves when nothing runs any more. */
  readonly result: Promise<Omit<DrainResult, 'nextDueInMs'>>

  /** @param fromMs - when the budget began */
  constructor(parts: PipelineParts, handlers: Handlers, terms: DrainTerms, fromMs: number) {
    const { budgetMs } = terms
    this.#terms = terms
    this.#parts = parts
    this.#endsByMs = fromMs + budgetMs - Math.min(LEAST_DRAIN_MS, budgetMs * KEPT_PART)
    const quota: Quota = {
      endsByMs: this.#endsByMs,
      mayClaim: (lacking, held) => this.#mayClaim(lacking, held),
      onIdle: (sinceMs) => {
        if (sinceMs >= this.#idleSinceMs) this.#onIdle()
      },
      onGivenBack: () => this.#wakeAtRest(),
      onFailure: (error, failures) => {
        if (failures >= CLAIM_TRIES) this.#fail(error)
      },
    }
    this.#pipeline = new Pipeline(parts, handlers, terms, quota, (settlement, verdict) =>
      this.#settled(settlement, verdict),
    )
    this.result = this.#run()
  }

  /** Claims nothing more, and waits up to so long for what is under way. */
  async stop(timeoutMs: number): Promise<void> {
    this.#end('signal')
    void this.#pipeline.stop(timeoutMs)
    await this.result.catch(() => {})
  }

  async #run(): Promise<Omit<DrainResult, 'nextDueInMs'>> {
    const release = this.#watch()
    try {
      await this.#work()
      if (!this.#isOver && (await this.#pipeline.worker.hasOutlasting())) this.#endByBudget()
    } finally {
      release()
      await this.#pipeline.stop(clamp(this.#endsByMs - monotonicMs(), 0, DAY_MS) + GRACE_MS)
    }
    if (this.#failure !== undefined) throw this.#failure
    return { ...this.#counts, stopped: this.#stopped ?? 'idle' }
  }

  async #work(): Promise<void> {
    const { db, vault, events, options, onError } = this.#parts
    const maintenance = new MaintenanceOnce({ db, vault, events, checkMessage: prepareRequest, onError })
    const isOver = () => this.#isOver
    const [found] = await Promise.all([this.#maintain(() => maintenance.run(isOver)), this.#idle()])
    if (found) await this.#idleAgain()
    const handled = await this.#maintain(() => this.#pipeline.handling.runOnce((ms) => this.#hasTimeFor(ms)))
    if (handled) await this.#idleAgain()
    await this.#maintain(() => maintenance.prune(options.retention))
  }

  /** Whether it found something. What fails is left to the next time. */
  async #maintain<R>(work: () => Promise<R>): Promise<R | undefined> {
    if (!this.#terms.maintenance || this.#isOver) return undefined
    try {
      return await work()
    } catch (error) {
      this.#parts.onError(error, 1)
      return undefined
    }
  }

  /** Resolves when nothing is due that may be sent and nothing is under way, or when the drain is over. */
  async #idle(): Promise<void> {
    if (this.#isOver) return
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve
    })
  }

  /** As `#idle()`, of what has become due meanwhile as well. */
  async #idleAgain(): Promise<void> {
    this.#idleSinceMs = monotonicMs()
    this.#pipeline.worker.wake()
    await this.#idle()
  }

  #watch(): () => void {
    const { signal } = this.#terms
    if (signal?.aborted) this.#end('signal')
    const release = signal && onAbort(signal, () => this.#end('signal'))
    const leftMs = this.#endsByMs - monotonicMs()
    const timer = leftMs === Number.POSITIVE_INFINITY ? undefined : setTimeout(() => this.#end('budget'), leftMs)
    return () => {
      release?.()
      clearTimeout(timer)
    }
  }

  get #isOver(): boolean {
    return this.#stopped !== undefined
  }

  #hasTimeFor(ms: number): boolean {
    return !this.#isOver && monotonicMs() + ms <= this.#endsByMs
  }

  #end(reason: DrainResult['stopped']): void {
    this.#stopped ??= reason
    this.#onIdle()
  }

  #endByBudget(): void {
    this.#end('budget')
    if (this.#counts.attempts > 0) return
    const message =
      `Nothing was sent within the budget of ${this.#terms.budgetMs} ms: the \`timeout\` of what is due is longer than that. ` +
      'Give the drain a larger `budget`, or the requests a shorter `timeout`.'
    this.#parts.events.emit('warning', { message })
  }

  #fail(error: unknown): void {
    this.#failure ??= error
    this.#end('idle')
  }

  #mayClaim(lacking: number, held: () => number): number {
    if (this.#isOver) return 0
    const { maxRequests } = this.#terms
    if (maxRequests === Number.POSITIVE_INFINITY) return lacking
    return Math.min(lacking, maxRequests - this.#counts.attempts - held())
  }

  #settled({ claim, decision }: Settlement, verdict: Verdict): void {
    this.#counts.attempts++
    if (verdict === 'settled') this.#counts[decision.state === 'pending' ? 'retrying' : decision.state]++
    if (this.#counts.attempts >= this.#terms.maxRequests) this.#end('limit')
    if (claim.ordered) this.#pipeline.worker.wake(claim.channel)
    this.#wakeAtRest()
  }

  /** Nothing else would have it look again before a while has passed. */
  #wakeAtRest(): void {
    if (this.#pipeline.worker.isAtRest) this.#pipeline.worker.wake()
  }
}
