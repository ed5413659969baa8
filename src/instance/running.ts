import { hostname } from 'node:os'
import { v4 as uuid } from 'uuid'
import { hear } from '../claim/hearing.ts'
import type { Listener } from '../claim/listener.ts'
import { Worker } from '../claim/worker.ts'
import type { Render } from '../deliver/rendered.ts'
import { createSender, type Sender } from '../deliver/sender.ts'
import type { Signing } from '../deliver/signing.ts'
import type { Vault } from '../encryption/vault.ts'
import { RequeuestError } from '../errors.ts'
import type { Events } from '../events/events.ts'
import { Handling } from '../handlers/handling.ts'
import type { Handlers } from '../handlers/registry.ts'
import { Maintenance } from '../maintenance/maintenance.ts'
import { Registration } from '../maintenance/registration.ts'
import { Dispatchers } from '../net/dispatcher.ts'
import type { NetworkRules } from '../net/guard/rules.ts'
import { prepareRequest } from '../net/outgoing.ts'
import type { Transports } from '../net/transport.ts'
import type { ResolvedOptions } from '../options/instance.ts'
import type { StartTerms } from '../options/start.ts'
import { LEASE_GRACE_MS } from '../policy/held-claim.ts'
import type { Reservable, Reservation } from '../policy/reservation.ts'
import { clamp } from '../runtime/clamp.ts'
import { version } from '../runtime/embedded-version.ts'
import { Patience } from '../runtime/patience.ts'
import { Turns } from '../runtime/turns.ts'
import { Classifier } from '../settle/classifier.ts'
import { reportSettlement } from '../settle/report.ts'
import { Settler } from '../settle/settler.ts'
import type { Database } from '../store/database.ts'
import type { Settlement, Verdict } from '../store/settlements.ts'

/** What is finished gets this long to be written, however short the time to stop. */
const LEAST_DRAIN_MS = 2000

/** What may be reached, and how. */
export interface Network {
  rules: NetworkRules
  transports: Transports
  signing: Signing
}

export interface RunningParts {
  db: Database
  events: Events
  options: ResolvedOptions
  network: Network
  vault: Vault
  renderers: { readonly render: Render }
  onError: (error: unknown, failures: number) => number
}

/** What `start()` starts: a worker with its sender and settler, and the maintenance that every process shares. */
export class Running {
  readonly #sender: Sender
  readonly #settler: Settler
  readonly #handling: Handling
  readonly #worker: Worker
  readonly #maintenance: Maintenance
  readonly #registration: Registration
  readonly #listener: Listener | undefined
  readonly #events: Events
  readonly #forAnswers = new Patience(() => this.#worker.giveUp())
  readonly #forHandlers = new Patience(() => this.#handling.interrupt())
  readonly #forRecords = new Patience(() => this.#leaveUnrecorded())
  #stopped: Promise<void> | undefined

  constructor(parts: RunningParts, handlers: Handlers, terms: StartTerms) {
    const { db, events, options, network, vault, renderers, onError } = parts
    const random = Math.random
    this.#events = events
    // A request that waits for a connection would spend its timeout on that.
    const limits = { rules: network.rules, connectionsPerOrigin: terms.concurrency }
    const dispatchers = new Dispatchers(limits, network.transports)
    this.#sender = createSender({
      dispatchers,
      signing: network.signing,
      render: renderers.render,
      hide: options.encryption ? 'all' : options.redactHeaders,
      maxResponseBytes: options.maxResponseBytes,
    })
    const onSettled = (settlement: Settlement, verdict: Verdict) => this.#settled(settlement, verdict)
    const turns = new Turns()
    this.#settler = new Settler(db, vault, turns, () => this.#worker.isDraining, onSettled, onError)
    const { retry } = options.policy
    this.#handling = new Handling({ db, vault, handlers, settler: this.#settler, retry, random, onSettled, onError })
    const sender = this.#sender
    // In letters that a database of any encoding has.
    const host = hostname().replaceAll(/[^\x21-\x7e]/g, '?')
    const workerId = `${host}:${process.pid}:${uuid().slice(0, 8)}`
    const classifier = new Classifier(options.deciders, random, onError)
    const { settler } = this.#handling
    this.#worker = new Worker(
      { db, events, settler, turns, vault, sender, classifier, workerId, breaker: options.breaker, random, onError },
      terms,
    )
    this.#maintenance = new Maintenance(db, vault, options.retention, prepareRequest, events, random, onError, () =>
      this.#worker.wake(),
    )
    const { concurrency } = terms
    const channels = terms.channels === 'all' ? [] : terms.channels
    const description = { id: workerId, host, pid: process.pid, version, channels, concurrency }
    this.#registration = new Registration(db, description, random, onError)
    this.#listener = hear(terms.listen, parts, (channel) => this.#worker.wake(channel))
  }

  /** Something may be due now in this channel. */
  wake(channel: string): void {
    this.#worker.wake(channel)
  }

  /** Something was paused, resumed or limited. */
  refreshLimits(): void {
    this.#worker.refreshLimits()
  }

  /** Keeps a slot of the worker for a request that is about to be written. */
  reserve(request: Reservable): Reservation | null {
    return this.#worker.reserve(request)
  }

  /** A schedule was changed. */
  checkSchedules(): void {
    this.#maintenance.checkSchedules()
  }

  /** From now on this process has the renderer. */
  rendererAdded(name: string): void {
    this.#worker.rendererAdded(name)
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
    await Promise.all([this.#listener?.stop(), this.#worker.stop()])
    this.#forAnswers.end()
    this.#forHandlers.begin()
    this.#forRecords.begin()
    await this.#handling.stop()
    this.#forHandlers.end()
    await this.#settler.drained()
    this.#forRecords.end()
    await Promise.all([this.#settler.stop(), this.#maintenance.stop(), this.#registration.stop()])
    await this.#sender.close()
  }

  /** The database does not answer. When the leases run out, another worker records these attempts as abandoned. */
  #leaveUnrecorded(): void {
    const left = this.#handling.abandon() + this.#settler.abandon()
    const message = `Stopped with ${left} finished attempts that could not be written. They will show as abandoned.`
    this.#events.emit('error', new RequeuestError('not_recorded', message))
  }

  #settled(settlement: Settlement, verdict: Verdict): void {
    reportSettlement(this.#events, settlement, verdict)
    this.#worker.settled()
    const { claim, decision } = settlement
    const isOver = decision.state !== 'pending' || verdict === 'lost'
    if (claim.ordered || !isOver) this.#worker.wake(claim.channel)
    if (claim.ordered && isOver) this.#maintenance.checkTurns()
  }
}
