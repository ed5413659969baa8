import type { HeaderPairs } from '../message/message.ts'
import type { AttemptOutcome, Delivery } from './attempt.ts'
import type { ClaimedRequest } from './request.ts'

/** A call that writes requests of one channel. */
export interface TracedSpawn {
  channel: string
  /** How many requests were given together; undefined for one by itself. */
  count?: number
  /** Whether the caller waits for the response. */
  isAwaited?: boolean
}

/**
 * How an instance is traced: what `requeuest/otel` gives it. Without, claims do not read the column `trace_context` and inserts do
 * not write it. None of the methods throws of its own accord.
 */
export interface Tracing {
  /**
   * Runs a spawn.
   *
   * @param work - writes the requests, each with the given trace context. What it returns is the id, if it is a text
   */
  spawn<T>(spawn: TracedSpawn, work: (traceContext: string | null) => Promise<T>): Promise<T>
  /** An attempt begins. */
  attempt(claim: ClaimedRequest): AttemptTrace
  /** Begins what goes on for longer than its caller, and is no part of what that does. */
  detached<T>(begin: () => T): T
}

/** One attempt under way. */
export interface AttemptTrace {
  /** Runs code of the caller's, whose own spans are then parts of the attempt. */
  within<T>(work: () => T): T
  /** Sends a request with these headers and perhaps more. There are several if it is redirected. */
  exchange<T>(request: { url: URL; method: string }, headers: HeaderPairs, send: (headers: HeaderPairs) => T): T
  /** @param delivery - null if nothing was sent and the claim is given back */
  end(delivery: Delivery | null, outcome: AttemptOutcome | null): void
}
