import type { RequestFilter } from '../control/filter.ts'
import type { Database } from '../store/database.ts'
import { type ActivityOptions, type ActivityReport, activity } from './activity.ts'
import type { BoundedCount } from './bounded-count.ts'
import { channels, type FoundChannel } from './channels.ts'
import { type FailureOptions, type FailureReport, failures } from './failures.ts'
import { type HeldLine, lines } from './lines.ts'
import { type FoundOrigin, type OriginOptions, origin, origins } from './origins.ts'
import { type OutcomeOptions, type OutcomeReport, outcomes } from './outcomes.ts'
import { count, type ListOptions, type RequestPage, requests } from './requests.ts'
import { type FoundWorker, workers } from './workers.ts'

/**
 * Reads what is in the queue and how it fares. Nothing is changed, and each answer costs about the same however many requests
 * there are: what would take long to count is estimated, and says so. All methods throw {@link InvalidInputError} for invalid
 * arguments and {@link RequeuestError} with code `database_error` or `not_migrated`.
 */
export class Inspect {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /**
   * Lists requests by id from the last one on, which for ids that the library made is the order of their creation. A page is chosen
   * from 20 000 requests, or from all that are in the wanted states where these are few, so it may be short or empty although
   * `next` says that there is more.
   *
   * @param where - omitted, all requests
   */
  requests(where?: RequestFilter, options: ListOptions = {}): Promise<RequestPage> {
    return requests(this.#db, where, options)
  }

  /**
   * Counts requests: exactly up to 10 000, beyond that by a sample.
   *
   * @param where - omitted, all requests
   */
  count(where?: RequestFilter): Promise<BoundedCount> {
    return count(this.#db, where)
  }

  /**
   * The channels that have live requests, a pause or a limit, by name (the first 1000): how many of their requests are due, delayed,
   * in line and claimed, since when the first is due, and who serves them.
   */
  channels(): Promise<FoundChannel[]> {
    return channels(this.#db)
  }

  /** Failed requests in groups by receiver and last attempt. */
  failures(options: FailureOptions = {}): Promise<FailureReport> {
    return failures(this.#db, options)
  }

  /** The last attempts in groups by receiver and outcome, whatever became of their requests. */
  outcomes(options: OutcomeOptions = {}): Promise<OutcomeReport> {
    return outcomes(this.#db, options)
  }

  /**
   * How much was sent in the last minutes or hours, how much of it was accepted, and how long it took: by channel or by origin, in steps of
   * 1, 10 or 30 minutes. Workers count in memory and write it every 10 seconds, so this is for charts: a process that was killed has not
   * written its last seconds. Where there are more than 50 at a time, the others are one series, with the name ''.
   */
  activity(options: ActivityOptions): Promise<ActivityReport> {
    return activity(this.#db, options)
  }

  /** The origins that are paused, limited or left alone, by name. */
  origins(options: OriginOptions = {}): Promise<FoundOrigin[]> {
    return origins(this.#db, options)
  }

  /** One origin, if it is paused, limited or left alone; otherwise null. */
  origin(name: string): Promise<FoundOrigin | null> {
    return origin(this.#db, name)
  }

  /** The lines that are held, the first 1000 by the time since when they are. */
  lines(): Promise<HeldLine[]> {
    return lines(this.#db)
  }

  /** All workers of the database, those that have died in the last two minutes included. */
  workers(): Promise<FoundWorker[]> {
    return workers(this.#db)
  }
}
