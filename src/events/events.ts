import { EventEmitter } from 'node:events'
import { checkOneOf } from '../check/check.ts'
import { hidden, InvalidInputError, isRequeuestError, type RequeuestError, reasonOf } from '../errors.ts'
import type { AttemptOutcome } from '../policy/attempt.ts'
import type { FailureCode } from '../policy/outcome.ts'

/** One try is over and recorded. */
export interface AttemptEvent {
  requestId: string
  channel: string
  /** 1 for the first try. */
  number: number
  outcome: AttemptOutcome
  /** Status of the response, if one came. */
  status: number | null
  durationMs: number
  errorCode: string | null
  errorMessage: string | null
  /** Milliseconds until the next try, or null when there will be none. */
  retryInMs: number | null
}

/** A request was accepted. */
export interface DeliveredEvent {
  requestId: string
  channel: string
  /** How many tries it took. */
  attempts: number
  status: number
}

/** A request was given up. */
export interface FailedEvent {
  requestId: string
  channel: string
  attempts: number
  failureCode: FailureCode
}

/** A worker reported on a request that it no longer held: its lease had run out, or the request was taken back. */
export interface ClaimLostEvent {
  requestId: string
  channel: string
  number: number
}

/** A request was taken from a worker whose lease had run out. */
export interface RescuedEvent {
  requestId: string
  channel: string
  /** The try that is recorded as abandoned. */
  number: number
  /** The worker that did not report. */
  workerId: string
}

/** A receiver asked not to be sent anything: its requests wait. */
export interface OriginPausedEvent {
  origin: string
  /** Milliseconds from when it asked. */
  forMs: number
}

/** Too many requests to a receiver failed: its requests wait. */
export interface BreakerOpenedEvent {
  origin: string
  /** Milliseconds until one of them is sent to see whether the receiver has recovered. */
  forMs: number
}

/** A receiver has recovered. */
export interface BreakerClosedEvent {
  origin: string
}

/** Every event with what its listeners are given. What is no error is frozen. */
export interface RequeuestEvents {
  attempt: AttemptEvent
  delivered: DeliveredEvent
  failed: FailedEvent
  claimLost: ClaimLostEvent
  rescued: RescuedEvent
  originPaused: OriginPausedEvent
  breakerOpened: BreakerOpenedEvent
  breakerClosed: BreakerClosedEvent
  /** Background work failed and will be tried again. Without a listener it becomes a process warning. */
  error: RequeuestError
  /** Something is set up in a way that will surprise. Without a listener it becomes a process warning. */
  warning: { message: string }
}

/** The name of an event. */
export type RequeuestEventName = keyof RequeuestEvents

/** Every name, as a record so that none can be forgotten. */
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

/** Tells listeners what happens. A listener that throws harms nobody; it becomes a process warning. */
export class Events {
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
