import { hear } from '../claim/hearing.ts'
import type { Listener } from '../claim/listener.ts'
import type { Handlers } from '../handlers/registry.ts'
import { Maintenance } from '../maintenance/maintenance.ts'
import { Registration } from '../maintenance/registration.ts'
import { prepareRequest } from '../net/outgoing.ts'
import type { StartTerms } from '../options/start.ts'
import { UNLIMITED } from '../policy/quota.ts'
import type { Reservable, Reservation } from '../policy/reservation.ts'
import { version } from '../runtime/embedded-version.ts'
import type { Settlement, Verdict } from '../store/settlements.ts'
import { Pipeline, type PipelineParts } from './pipeline.ts'

/** What `start()` starts: a pipeline, and the maintenance that every process shares. */
export class Running {
  readonly #pipeline: Pipeline
  readonly #maintenance: Maintenance
  readonly #registration: Registration
  readonly #listener: Listener | undefined
  #stopped: Promise<void> | undefined

  constructor(parts: PipelineParts, handlers: Handlers, terms: StartTerms) {
    const { db, events, options, vault, onError } = parts
    this.#pipeline = new Pipeline(parts, handlers, terms, UNLIMITED, (settlement, verdict) =>
      this.#settled(settlement, verdict),
    )
    this.#pipeline.handling.start()
    const { worker } = this.#pipeline
    const onDue = () => worker.wake()
    this.#maintenance = new Maintenance(
      db,
      vault,
      options.retention,
      prepareRequest,
      events,
      Math.random,
      onError,
      onDue,
    )
    const { concurrency } = terms
    const channels = terms.channels === 'all' ? [] : terms.channels
    const description = { ...this.#pipeline.identity, version, channels, concurrency }
    const reportsDepth = () => events.instruments.reportsDepth
    this.#registration = new Registration(db, description, reportsDepth, Math.random, onError)
    this.#listener = hear(terms.listen, parts, (channel) => worker.wake(channel))
  }

  get workerId(): string {
    return this.#pipeline.identity.id
  }

  /** How many requests are being sent, and how many more might be. */
  get slots(): { busy: number; free: number } {
    return this.#pipeline.worker.slots
  }

  /** Something may be due now in this channel. */
  wake(channel: string): void {
    this.#pipeline.worker.wake(channel)
  }

  /** Something was paused, resumed or limited. */
  refreshLimits(): void {
    this.#pipeline.worker.refreshLimits()
  }

  /** Keeps a slot of the worker for a request that is about to be written. */
  reserve(request: Reservable): Reservation | null {
    return this.#pipeline.worker.reserve(request)
  }

  /** A schedule was changed. */
  checkSchedules(): void {
    this.#maintenance.checkSchedules()
  }

  /** From now on this process has the renderer. */
  rendererAdded(name: string): void {
    this.#pipeline.worker.rendererAdded(name)
  }

  /** As {@link Pipeline.stop}. */
  stop(timeoutMs: number): Promise<void> {
    const stopped = this.#pipeline.stop(timeoutMs)
    this.#stopped ??= this.#stop(stopped)
    return this.#stopped
  }

  async #stop(pipelineStopped: Promise<void>): Promise<void> {
    await Promise.all([this.#listener?.stop(), pipelineStopped])
    await Promise.all([this.#maintenance.stop(), this.#registration.stop()])
  }

  #settled({ claim, decision }: Settlement, verdict: Verdict): void {
    const isOver = decision.state !== 'pending' || verdict === 'lost'
    if (claim.ordered || !isOver) this.#pipeline.worker.wake(claim.channel)
    if (claim.ordered && isOver) this.#maintenance.checkTurns()
  }
}
