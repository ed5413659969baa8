import { DAY_MS, MAX_TIMER_MS } from '../check/bounds.ts'
import { checkKeys, checkObject } from '../check/check.ts'
import { checkDuration, type Duration } from '../check/duration.ts'
import { hidden, InvalidInputError } from '../errors.ts'
import type { ListenClient } from '../store/listen-client.ts'
import { resolveWorkerTerms, type WorkerTerms } from './worker.ts'

/** Options of {@link Requeuest.start}. */
export interface StartOptions {
  /** The channels to take requests from; `'all'` means every channel. */
  channels: readonly string[] | 'all'
  /** How many requests may be in flight at once; 1 to 10 000. @default 50 */
  concurrency?: number
  /**
   * How many of them may go to one origin (scheme, host and port); 1 to `concurrency`. An origin whose last attempt got no
   * response gets a tenth of this at a time until it answers. A quarter of `concurrency` is reserved for origins that have
   * answered, as far as this leaves room. @default half of `concurrency`, rounded up
   */
  concurrencyPerOrigin?: number
  /**
   * How the worker learns at once of requests that instances with `notify` spawn in other processes: over a connection of its
   * own. `'auto'` opens it with the options of `@prisma/adapter-pg`'s pool; if that fails, or no notification arrives over it,
   * one `warning` event says so. A function returns a `pg` client that is not connected yet, `() => new pg.Client(url)`; it must
   * reach Postgres itself, not a pool in transaction mode, and failures are `error` events. With `false`, and whenever the
   * connection fails, the worker polls, every few milliseconds to every second.
   * @default 'auto', or `false` if this instance has `notify: false`
   */
  listen?: 'auto' | false | (() => ListenClient)
}

/** Options of {@link Requeuest.stop}. */
export interface StopOptions {
  /**
   * How long to wait for responses, 0 to 24 days. Attempts without one by then are recorded as abandoned, and a worker retries
   * their requests. @default as long as the requests' own timeouts allow
   */
  timeout?: Duration
}

/** How a worker learns of spawns in other processes: over a connection that it makes, not at all, or over that of a client. */
export type Listen = 'auto' | false | (() => ListenClient)

/** The options of `start()`, with every default filled in. */
export interface StartTerms extends WorkerTerms {
  listen: Listen
}

/**
 * @param notify - whether the instance tells other processes what it spawns
 * @throws {@link InvalidInputError} if an option is invalid
 */
export function resolveStartOptions(options: StartOptions, notify: boolean): StartTerms {
  checkObject('options', options, "an object such as { channels: ['billing'] }")
  checkKeys('options', options, ['channels', 'concurrency', 'concurrencyPerOrigin', 'listen'])
  const terms = resolveWorkerTerms(options)
  const { listen = notify ? 'auto' : false } = options
  if (listen !== 'auto' && listen !== false && typeof listen !== 'function') {
    const expected = "'auto', false or a function such as () => new pg.Client(url)"
    throw new InvalidInputError('options.listen', hidden(listen), expected)
  }
  return { ...terms, listen }
}

/** Returns the milliseconds to wait. */
export function resolveStopOptions(options: StopOptions): number {
  checkObject('options', options)
  checkKeys('options', options, ['timeout'])
  // No request's own timeout is longer than a day.
  const { timeout = DAY_MS } = options
  return checkDuration('options.timeout', timeout, 0, MAX_TIMER_MS)
}
