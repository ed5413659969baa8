import type { RequeuestError } from '../errors.ts'
import type { AttemptOutcome } from '../policy/attempt.ts'
import type { FailureCode } from '../policy/outcome.ts'

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
