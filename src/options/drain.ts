import { MAX_INT, MAX_TIMER_MS } from '../check/bounds.ts'
import { checkBoolean, checkInteger, checkKeys, checkObject, checkSignal } from '../check/check.ts'
import { checkDuration, type Duration } from '../check/duration.ts'
import { resolveWorkerTerms, type WorkerTerms } from './worker.ts'

/** Options of {@link Requeuest.drain}. */
export interface DrainOptions {
  /** The channels to take requests from; `'all'` means every channel. */
  channels: readonly string[] | 'all'
  /**
   * How long the drain may take, up to 24 days. A quarter of it, at most 2 s, is kept for writing what came of the requests;
   * those whose `timeout` is longer than the rest of it wait for another drain or a worker. @default no limit
   */
  budget?: Duration
  /** How many requests may be in flight at once, half of them to one origin; 1 to 10 000. @default 50 */
  concurrency?: number
  /** How many attempts the drain may make, at least 1. @default no limit */
  maxRequests?: number
  /** Ends the drain: it claims nothing more, and waits for attempts under way. @default none */
  signal?: AbortSignal
  /**
   * Whether the drain also does once what workers do from time to time: takes requests back from workers that were killed, fails
   * those that have expired, fires schedules, runs handlers that are due, and deletes what `retention` does not keep.
   * @default true
   */
  maintenance?: boolean
}

/** What {@link Requeuest.drain} did. */
export interface DrainResult {
  /** How many attempts were made and recorded. */
  attempts: number
  /** How many of them delivered their request. */
  delivered: number
  /** How many of them failed their request. */
  failed: number
  /** How many of them are followed by another attempt. */
  retrying: number
  /**
   * Milliseconds until the next request of the channels is due; null if none is pending. 0 means that one is due which this drain
   * did not send, such as one of a paused channel.
   */
  nextDueInMs: number | null
  /**
   * Why the drain ended: nothing was due any more that may be sent now (`idle`), what is due does not fit in the rest of the budget
   * (`budget`), `maxRequests` attempts were made (`limit`), or `signal` was aborted or {@link Requeuest.stop} called (`signal`).
   */
  stopped: 'idle' | 'budget' | 'limit' | 'signal'
}

/** The options of `drain()`, with every default filled in. */
export interface DrainTerms extends WorkerTerms {
  budgetMs: number
  maxRequests: number
  signal: AbortSignal | undefined
  maintenance: boolean
}

export const DRAIN_KEYS = ['channels', 'budget', 'concurrency', 'maxRequests', 'signal', 'maintenance'] as const

/** Throws {@link InvalidInputError} if an option is invalid. */
export function resolveDrainOptions(options: DrainOptions): DrainTerms {
  checkObject('options', options, "an object such as { channels: 'all', budget: '50s' }")
  checkKeys('options', options, DRAIN_KEYS)
  const { channels, budget, concurrency, maxRequests, signal, maintenance = true } = options
  return {
    ...resolveWorkerTerms({ channels, ...(concurrency !== undefined && { concurrency }) }),
    budgetMs:
      budget === undefined ? Number.POSITIVE_INFINITY : checkDuration('options.budget', budget, 1, MAX_TIMER_MS),
    maxRequests:
      maxRequests === undefined
        ? Number.POSITIVE_INFINITY
        : checkInteger('options.maxRequests', maxRequests, 1, MAX_INT),
    signal: signal === undefined ? undefined : checkSignal('options.signal', signal),
    maintenance: checkBoolean('options.maintenance', maintenance),
  }
}
