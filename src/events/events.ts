import { EventEmitter } from 'node:events'
import { checkOneOf } from '../check/check.ts'
import { hidden, InvalidInputError, isRequeuestError, type RequeuestError, reasonOf } from '../errors.ts'
import type { AttemptOutcome } from '../policy/attempt.ts'
import type { FailureCode } from '../policy/outcome.ts'
import { Instruments } from './instruments.ts'

/** An attempt was recorded. */
export interface AttemptEvent {
  requestId: string
  channel: string
  method: string
  /** Scheme, host and port of the receiver; `render://` and a name if the renderer made no request. */
  origin: string
  /** Number of the attempt, from 1. */
  number: number
  outcome: AttemptOutcome
  /** Status of the response; null if there was none. */
  status: number | null
  /** When sending began, by the database's clock. */
  startedAt: Date
  durationMs: number
  /** How many milliseconds passed until then since the request was due: the time that it waited for its worker. */
  queueWaitMs: number
  errorCode: string | null
  errorMessage: string | null
  /** Milliseconds until the next attempt; null if there is none. */
  retryInMs: number | null
}

/** A request was delivered. */
export interface DeliveredEvent {
  requestId: string
  channel: string
  method: string
  origin: string
  /** Number of attempts that the request took. */
  attempts: number
  status: number
  /** Milliseconds since it was spawned. */
  ageMs: number
}

/** A request failed. */
export interface FailedEvent {
  requestId: string
  channel: string
  method: string
  /** As in {@link AttemptEvent}; '' if no worker has looked at the row. */
  origin: string
  attempts: number
  failureCode: FailureCode
  /** Milliseconds since it was spawned. */
  ageMs: number
}

/** A worker recorded an attempt of a request that it no longer held: the lease had expired, or the claim was taken back. */
export interface ClaimLostEvent {
  requestId: string
  channel: string
  number: number
}

/** A request was taken back from a worker whose lease had expired. */
export interface RescuedEvent {
  requestId: string
  channel: string
  /** The attempt that is recorded as abandoned. */
  number: number
  /** The worker that did not report. */
  workerId: string
}

/** A receiver answered 429 or 503 with `Retry-After`: requests to its origin wait. */
export interface OriginPausedEvent {
  origin: string
  /** Milliseconds from the response on. */
  forMs: number
}

/** Too many requests to an origin failed: its breaker opened, and its requests wait. */
export interface BreakerOpenedEvent {
  origin: string
  /** Milliseconds until one of them probes whether the origin has recovered. */
  forMs: number
}

/** An origin has recovered: its breaker closed. */
export interface BreakerClosedEvent {
  origin: string
}

/** All events by name, with the argument of their listeners. Arguments other than errors are frozen. */
export interface RequeuestEvents {
  attempt: AttemptEvent
  delivered: DeliveredEvent
  failed: FailedEvent
  claimLost: ClaimLostEvent
  rescued: RescuedEvent
  originPaused: OriginPausedEvent
  breakerOpened: BreakerOpenedEvent
  breakerClosed: BreakerClosedEvent
  /** Background work failed and will be retried. Without a listener it is a process warning. */
  error: RequeuestError
  /** The setup has a problem that stops nothing. Without a listener it is a process warning. */
  warning: { message: string }
}

/** The name of an event. */
export type RequeuestEventName = keyof RequeuestEvents

/** Every name, as a record so that the compiler finds a missing one. */
const NAMES: Record<RequeuestEventName, true> = {
  attempt: true,
  delivered: true,
  failed: true,
  claimLost: true,
  rescued: true,
  originPaused: true,
  breakerOpened: true,
  breakerClosed: true,
  error: true,
  warning: true,
}

/** Typed events. What a listener throws becomes a process warning and affects nothing else. */
export class Events {
  /** Who else is told. */
  readonly instruments = new Instruments()
  readonly #emitter = new EventEmitter({ captureRejections: false }).setMaxListeners(0)

  on<N extends RequeuestEventName>(name: N, listener: (event: RequeuestEvents[N]) => void): void {
    checkOneOf('name', name, Object.keys(NAMES))
    if (typeof listener !== 'function') throw new InvalidInputError('listener', hidden(listener), 'a function')
    this.#emitter.on(name, listener)
  }

  off<N extends RequeuestEventName>(name: N, listener: (event: RequeuestEvents[N]) => void): void {
    this.#emitter.off(name, listener)
  }

  emit<N extends RequeuestEventName>(name: N, event: RequeuestEvents[N]): void {
    this.instruments.tell((observer) => observer.event(name, event))
    if (this.#emitter.listenerCount(name) === 0) {
      if (name === 'error' || name === 'warning') {
        process.emitWarning((event as { message: string }).message, 'RequeuestWarning')
      }
      return
    }
    // Several listeners get it. An error is left as it is: who reports one may add to it.
    if (!isRequeuestError(event)) Object.freeze(event)
    for (const listener of this.#emitter.listeners(name) as ((event: RequeuestEvents[N]) => unknown)[]) {
      try {
        const result = listener(event)
        if (result !== undefined) Promise.resolve(result).catch(reportListener)
      } catch (error) {
        reportListener(error)
      }
    }
  }
}

function reportListener(error: unknown): void {
  process.emitWarning(`A Requeuest event listener threw: ${reasonOf(error)}`)
}
