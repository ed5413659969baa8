import type { AcceptSet } from './accept.ts'
import type { StatusRules } from './on-status.ts'
import type { RetryPolicy } from './retry-policy.ts'

/** What a preset says; what it leaves out stays as it is. */
interface Preset {
  accept?: AcceptSet
  timeoutMs?: number
  maxRedirects?: number
  retry?: RetryPolicy
  onStatus: StatusRules
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** A receiver under load gets a minute at least. From there on the waits are about those of the schedule. */
const THROTTLED = { base: '1m', factor: 5, max: '24h' } as const

/** Sets of rules that are known to fit a kind of receiver. */
export const PRESETS = {
  /**
   * What Standard Webhooks recommends: ten attempts within about three days, no redirects, failure at a 410, and a slower backoff
   * after a 429, 502 or 504.
   *
   * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#deliverability-and-reliability
   */
  webhook: {
    accept: ['2xx'],
    timeoutMs: 30_000,
    maxRedirects: 0,
    retry: {
      maxAttempts: 10,
      baseMs: 5000,
      factor: 2,
      maxMs: 24 * HOUR_MS,
      jitter: 'equal',
      delaysMs: [5000, 5 * MINUTE_MS, 30 * MINUTE_MS, ...[2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR_MS)],
    },
    onStatus: { 410: 'fail', 429: THROTTLED, 502: THROTTLED, 504: THROTTLED },
  },
  /**
   * A client error (RFC 9110 section 15.5) fails at once, unless it may pass: 408, 409, 425 (RFC 8470) and 429 (RFC 6585).
   */
  api: { onStatus: { '4xx': 'fail', 408: 'retry', 409: 'retry', 425: 'retry', 429: 'retry' } },
} satisfies Record<string, Preset>

/** The name of a preset. */
export type PolicyPreset = keyof typeof PRESETS
