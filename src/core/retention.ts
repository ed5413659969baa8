import { InvalidInputError } from '../errors.ts'
import { checkKeys, checkObject } from './check.ts'
import { parseDuration } from './duration.ts'

/** A time span: a text such as `'90s'`, `'30m'`, `'12h'`, `'7d'`, or a number of milliseconds. */
export type Duration = string | number

/**
 * How long final requests are kept after they became final, each from a minute to a hundred years. Workers delete what
 * is older, with its attempts, in small batches. @default everything is kept for ever
 */
export interface RetentionOptions {
  /** Delivered requests. @default for ever */
  delivered?: Duration
  /** Failed requests. One that holds its line is kept until the line is released. @default for ever */
  failed?: Duration
  /** Cancelled requests. @default as `failed` */
  cancelled?: Duration
  /** Bodies of requests and responses; the rest of the rows stays. @default as long as their rows */
  bodies?: Duration
}

/** The same in milliseconds; null is for ever. */
export interface Retention {
  readonly delivered: number | null
  readonly failed: number | null
  readonly cancelled: number | null
  readonly bodies: number | null
}

/** Whoever waits for a response, in whichever process, has seen it by then. */
const LEAST_MS = 60_000
const MOST_MS = 100 * 365 * 86_400_000

/** Throws {@link InvalidInputError} for what cannot be. */
export function resolveRetention(options: RetentionOptions = {}): Retention {
  checkObject('options.retention', options, "an object such as { delivered: '7d', failed: '90d' }")
  checkKeys('options.retention', options, ['delivered', 'failed', 'cancelled', 'bodies'])
  const { delivered, failed, cancelled = failed, bodies } = options
  return Object.freeze({
    delivered: checkDuration('options.retention.delivered', delivered),
    failed: checkDuration('options.retention.failed', failed),
    cancelled: checkDuration('options.retention.cancelled', cancelled),
    bodies: checkDuration('options.retention.bodies', bodies),
  })
}

function checkDuration(field: string, value: unknown): number | null {
  if (value === undefined) return null
  const ms = typeof value === 'string' ? parseDuration(value) : value
  if (typeof ms === 'number' && Number.isInteger(ms) && ms >= LEAST_MS && ms <= MOST_MS) return ms
  const expected = "a time from a minute to 100 years: '30m', '12h', '7d' or a whole number of milliseconds"
  throw new InvalidInputError(field, value, expected)
}
