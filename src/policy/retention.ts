import { MAX_SPAN_MS } from '../check/bounds.ts'
import { checkKeys, checkObject } from '../check/check.ts'
import { checkDuration, type Duration } from '../check/duration.ts'

/**
 * How long requests are kept after they became final; each from 1 minute to 100 years. Workers delete older ones, with their
 * attempts, in small batches. @default forever
 */
export interface RetentionOptions {
  /** Delivered requests. @default forever */
  delivered?: Duration
  /** Failed requests. One that holds its line is kept until the line is released. @default forever */
  failed?: Duration
  /** Cancelled requests. @default as `failed` */
  cancelled?: Duration
  /** Bodies of requests and responses; the rest of their rows stays. @default as long as their rows */
  bodies?: Duration
}

/** The same in milliseconds; null means forever. */
export interface Retention {
  readonly delivered: number | null
  readonly failed: number | null
  readonly cancelled: number | null
  readonly bodies: number | null
}

/** Whoever waits for a response, in whichever process, has seen it by then. */
const LEAST_MS = 60_000

/** Throws {@link InvalidInputError} if an option is invalid. */
export function resolveRetention(options: RetentionOptions = {}): Retention {
  checkObject('options.retention', options, "an object such as { delivered: '7d', failed: '90d' }")
  checkKeys('options.retention', options, ['delivered', 'failed', 'cancelled', 'bodies'])
  const { delivered, failed, cancelled = failed, bodies } = options
  return Object.freeze({
    delivered: span('options.retention.delivered', delivered),
    failed: span('options.retention.failed', failed),
    cancelled: span('options.retention.cancelled', cancelled),
    bodies: span('options.retention.bodies', bodies),
  })
}

const span = (field: string, value: Duration | undefined) =>
  value === undefined ? null : checkDuration(field, value, LEAST_MS, MAX_SPAN_MS)
