import { DAY_MS, MAX_TIMER_MS } from '../check/bounds.ts'
import { checkInteger, checkKeys, checkObject } from '../check/check.ts'
import { checkDuration, type Duration } from '../check/duration.ts'
import { hidden, InvalidInputError } from '../errors.ts'
import type { ListenClient } from '../store/listen-client.ts'
import { checkChannels } from './spawn.ts'
import type { WorkerTerms } from './worker.ts'

/** What a worker takes on. */
export interface StartOptions {
  /** The channels to take requests from; `'all'` takes from every channel there is. */
  channels: readonly string[] | 'all'
  /** How many requests may be under way at once; 1 to 10 000. @default 50 */
  concurrency?: number
  /**
   * How many of them may go to one origin (scheme, host and port). An origin whose last attempt got no response is tried
   * by a tenth of this at a time until it answers. A quarter of `concurrency` is kept for origins that have answered, as
   * far as this leaves room. @default half of `concurrency`
   */
  concurrencyPerOrigin?: number
  /**
   * The worker hears at once of what instances with `notify` spawn in other processes, over a connection of its own. `'auto'`
   * makes it as the pool of `@prisma/adapter-pg` makes its connections, with the same options; where that cannot be, or
   * nothing is heard over it, a `warning` event says so once. A function makes a `pg` client, not connected yet:
   * `() => new pg.Client(url)`; it has to lead to Postgres itself, not to a pool in transaction mode, and what is amiss is an
   * `error` event. `false` and whatever fails leave the worker to polling, every few milliseconds to every second.
   * @default 'auto' unless this instance has `notify: false`: those who spawn are likely set up alike
   */
  listen?: 'auto' | false | (() => ListenClient)
}

/** How long to wait for what is under way. */
export interface StopOptions {
  /**
   * How long to wait for responses, 0 to 24 days. What has none by then is recorded as abandoned and retried by some
   * worker. @default as long as the requests' own timeouts allow
   */
  timeout?: Duration
}

/** How a worker hears of spawns in other processes: as it can, not at all, or over the connection of such a client. */
export type Listen = 'auto' | false | (() => ListenClient)

/** What `start()` goes by. */
export interface StartTerms extends WorkerTerms {
  listen: Listen
}

/**
 * @param notify - whether the instance tells other processes what it spawns
 * @throws {@link InvalidInputError} for what cannot be
 */
export function resolveStartOptions(options: StartOptions, notify: boolean): StartTerms {
  checkObject('options', options, "an object such as { channels: ['billing'] }")
  checkKeys('options', options, ['channels', 'concurrency', 'concurrencyPerOrigin', 'listen'])
  const channels = options.channels === 'all' ? 'all' : checkChannels('options.channels', options.channels)
  const { concurrency = 50 } = options
  checkInteger('options.concurrency', concurrency, 1, 10_000)
  const { concurrencyPerOrigin = Math.ceil(concurrency / 2) } = options
  checkInteger('options.concurrencyPerOrigin', concurrencyPerOrigin, 1, concurrency)
  const { listen = notify ? 'auto' : false } = options
  if (listen !== 'auto' && listen !== false && typeof listen !== 'function') {
    const expected = "'auto', false or a function such as () => new pg.Client(url)"
    throw new InvalidInputError('options.listen', hidden(listen), expected)
  }
  return { channels, concurrency, concurrencyPerOrigin, listen }
}

/** The milliseconds to wait. */
export function resolveStopOptions(options: StopOptions): number {
  checkObject('options', options)
  checkKeys('options', options, ['timeout'])
  // No request's own timeout is longer than a day.
  const { timeout = DAY_MS } = options
  return checkDuration('options.timeout', timeout, 0, MAX_TIMER_MS)
}
