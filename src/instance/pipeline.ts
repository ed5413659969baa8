import type { ActivityRecorder } from '../activity/recorder.ts'
import { Recording } from '../activity/recording.ts'
import { Worker } from '../claim/worker.ts'
import type { Render } from '../deliver/rendered.ts'
import { createSender, type Sender } from '../deliver/sender.ts'
import type { Signing } from '../deliver/signing.ts'
import type { Vault } from '../encryption/vault.ts'
import { RequeuestError } from '../errors.ts'
import type { Events } from '../events/events.ts'
import { Handling } from '../handlers/handling.ts'
import type { Handlers } from '../handlers/registry.ts'
import { Dispatchers } from '../net/dispatcher.ts'
import { GivenDispatcher } from '../net/given-dispatcher.ts'
import type { NetworkRules } from '../net/guard/rules.ts'
import type { Transports } from '../net/transport.ts'
import type { ResolvedOptions } from '../options/instance.ts'
import type { WorkerTerms } from '../options/worker.ts'
import { LEASE_GRACE_MS } from '../policy/held-claim.ts'
import type { Quota } from '../policy/quota.ts'
import { clamp } from '../runtime/clamp.ts'
import { Patience } from '../runtime/patience.ts'
import { Turns } from '../runtime/turns.ts'
import { Classifier } from '../settle/classifier.ts'
import { reportSettlement } from '../settle/report.ts'
import { Settler } from '../settle/settler.ts'
import type { Database } from '../store/database.ts'
import type { Settlement, Verdict } from '../store/settlements.ts'
import { newIdentity } from './identity.ts'

/** What is finished gets this long to be written, however short the time to stop. */
export const LEAST_DRAIN_MS = 2000

/** What may be reached, and how. */
export interface Network {
  rules: NetworkRules
  transports: Transports
  signing: Signing
}

export interface PipelineParts {
  db: Database
  events: Events
  activity: ActivityRecorder
  options: ResolvedOptions
  network: Network
  vault: Vault
  renderers: { readonly render: Render }
  onError: (error: unknown, failures: number) => number
}

/** What takes requests from the database to their receivers, and the outcomes back: a worker with its sender, settler and handlers. */
export class Pipeline {
  readonly identity = newIdentity()
  readonly worker: Worker
  readonly handling: Handling
  readonly #sender: Sender
  readonly #settler: Settler
  readonly #recording: Recording
  readonly #events: Events
  readonly #onSettled: (settlement: Settlement, verdict: Verdict) => void
  readonly #forAnswers = new Patience(() => this.worker.giveUp())
  readonly #forHandlers = new Patience(() => this.handling.interrupt())
  readonly #forRecords = new Patience(() => this.#leaveUnrecorded())
  #stopped: Promise<void> | undefined

  /** @param onSettled - told of each attempt that is written */
  constructor(
    parts: PipelineParts,
    handlers: Handlers,
    terms: WorkerTerms,
    quota: Quota,
    onSettled: (settlement: Settlement, verdict: Verdict) => void,
  ) {
    const { db, events, activity, options, network, vault, renderers, onError } = parts
    const random = Math.random
    this.#events = events
    this.#onSettled = onSettled
    // A request that waits for a connection would spend its timeout on that.
    const limits = { rules: network.rules, connectionsPerOrigin: terms.concurrency }
    const { dispatcher } = options
    const dispatchers = dispatcher
      ? new GivenDispatcher(dispatcher, network.rules)
      : new Dispatchers(limits, network.transports)
    const sender = createSender({
      dispatchers,
      signing: network.signing,
      render: renderers.render,
      hide: options.encryption ? 'all' : options.redactHeaders,
      maxResponseBytes: options.maxResponseBytes,
    })
    this.#sender = sender
    const settled = (settlement: Settlement, verdict: Verdict) => this.#settled(settlement, verdict)
    const turns = new Turns()
    const isDraining = () => this.worker.isDraining
    this.#settler = new Settler(db, vault, turns, events.instruments, isDraining, settled, onError)
    const { retry } = options.policy
    const handled = { db, vault, handlers, settler: this.#settler, retry, random, onSettled: settled, onError }
    this.handling = new Handling(handled)
    const { id: workerId } = this.identity
    const classifier = new Classifier(options.deciders, random, onError)
    const { settler } = this.handling
    this.#recording = new Recording(activity, random, onError)
    const { breaker } = options
    this.worker = new Worker(
      { db, events, settler, turns, vault, sender, classifier, workerId, quota, breaker, random, onError },
      terms,
    )
  }

  /**
   * Waits up to `timeoutMs` for responses, and as long again, within bounds, for what is finished to be written. Called
   * again, it hurries what is under way: the shortest time counts.
   */
  stop(timeoutMs: number): Promise<void> {
    const drainMs = clamp(timeoutMs, LEAST_DRAIN_MS, LEASE_GRACE_MS)
    this.#forAnswers.shorten(timeoutMs)
    this.#forHandlers.shorten(drainMs / 2)
    this.#forRecords.shorten(drainMs)
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<void> {
    this.#forAnswers.begin()
    await this.worker.stop()
    this.#forAnswers.end()
    this.#forHandlers.begin()
    this.#forRecords.begin()
    await this.handling.stop()
    this.#forHandlers.end()
    await this.#settler.drained()
    this.#forRecords.end()
    await this.#settler.stop()
    await Promise.all([this.#recording.stop(), this.#sender.close()])
  }

  /** The database does not answer. When the leases run out, another worker records these attempts as abandoned. */
  #leaveUnrecorded(): void {
    const left = this.handling.abandon() + this.#settler.abandon()
    const message = `Stopped with ${left} finished attempts that could not be written. They will show as abandoned.`
    this.#events.emit('error', new RequeuestError('not_recorded', message))
  }

  #settled(settlement: Settlement, verdict: Verdict): void {
    reportSettlement(this.#events, settlement, verdict)
    this.worker.settled()
    this.#onSettled(settlement, verdict)
  }
}
