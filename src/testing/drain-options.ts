import { DAY_MS } from '../check/bounds.ts'
import { checkInteger, checkKeys, checkObject, checkOneOf } from '../check/check.ts'
import { checkDuration, type Duration } from '../check/duration.ts'

/** Options of {@link TestKit.settled}. */
export interface TestSettledOptions {
  /** `'throw'` rejects if a request fails, and says why; `'return'` is for requests that are meant to. @default 'throw' */
  failures?: 'throw' | 'return'
  /** The most attempts and due times, 1 to 1 000 000: what would go on for ever ends with an error. @default 1000 */
  limit?: number
}

/** Options of {@link TestKit.drain}. */
export interface TestDrainOptions extends TestSettledOptions {
  /**
   * Lets so much time pass, up to ten years, and sends what becomes due meanwhile: retries, delayed requests, schedules.
   * @default 0: only what is due now
   */
  until?: Duration
}

/** What a drain goes by. */
export interface DrainTerms {
  untilMs: number
  limit: number
  throws: boolean
}

/** As long as anything can be put off by what a test does. */
const LONGEST_MS = 3650 * DAY_MS

/** Throws {@link InvalidInputError} if an option is invalid. */
export function resolveDrainOptions(options: TestDrainOptions): DrainTerms {
  checkObject('options', options)
  checkKeys('options', options, ['until', 'limit', 'failures'])
  const { until = 0, ...rest } = options
  return { ...resolveSettledOptions(rest), untilMs: checkDuration('options.until', until, 0, LONGEST_MS) }
}

/** Throws {@link InvalidInputError} if an option is invalid. */
export function resolveSettledOptions(options: TestSettledOptions): DrainTerms {
  checkObject('options', options)
  checkKeys('options', options, ['limit', 'failures'])
  const { limit = 1000, failures = 'throw' } = options
  return {
    untilMs: LONGEST_MS,
    limit: checkInteger('options.limit', limit, 1, 1_000_000),
    throws: checkOneOf('options.failures', failures, ['throw', 'return']) === 'throw',
  }
}
