import { MAX_SPAN_MS } from '../check/bounds.ts'
import { clamp } from '../runtime/clamp.ts'
import { isAccepted } from './accept.ts'
import type { AttemptOutcome, Delivery } from './attempt.ts'
import { resolveBackoff } from './backoff.ts'
import { actionFor } from './on-status.ts'
import type { ClaimedRequest } from './request.ts'
import { retryAfterMs } from './retry-after.ts'
import { type RetryPolicy, retryDelayMs } from './retry-policy.ts'
import type { CheckedVerdict } from './verdict.ts'

/** All that {@link FailureCode} may be. */
export const FAILURE_CODES = [
  'attempts_exhausted',
  'expired',
  'address_blocked',
  'invalid_request',
  'rejected',
  'poison',
] as const

/** Why a request failed. */
export type FailureCode = (typeof FAILURE_CODES)[number]

/** The next state of a request after an attempt. */
export type Decision = { outcome: AttemptOutcome } & (
  | { state: 'delivered' }
  | { state: 'failed'; failureCode: FailureCode }
  | { state: 'pending'; delayMs: number }
)

/**
 * Decides what an attempt means for its request.
 *
 * @param nowMs - the database's time when the attempt ended
 * @param random - gives numbers from 0 up to but not including 1
 * @param verdict - what the caller makes of it, if it was asked and said anything
 */
export function decideOutcome(
  request: ClaimedRequest,
  delivery: Delivery,
  nowMs: number,
  random: () => number,
  verdict?: CheckedVerdict,
): Decision {
  switch (delivery.outcome) {
    case 'blocked':
      return { outcome: 'blocked', state: 'failed', failureCode: 'address_blocked' }
    case 'invalid':
      return { outcome: 'invalid', state: 'failed', failureCode: 'invalid_request' }
    case 'expired':
      return { outcome: 'expired', state: 'failed', failureCode: 'expired' }
    case 'response': {
      const isDelivered = verdict ? verdict === 'deliver' : isAccepted(request.accept, delivery.status as number)
      if (isDelivered) return { outcome: 'accepted', state: 'delivered' }
      return { outcome: 'rejected', ...goOn(request, delivery, nowMs, random, verdict) }
    }
    default:
      return { outcome: delivery.outcome, ...goOn(request, delivery, nowMs, random, verdict) }
  }
}

function goOn(
  request: ClaimedRequest,
  delivery: Delivery,
  nowMs: number,
  random: () => number,
  verdict: CheckedVerdict | undefined,
) {
  const action = delivery.outcome === 'response' ? actionFor(request.onStatus, delivery.status as number) : undefined
  const isAtOnce = verdict === undefined && delivery.retryAtOnce === true
  if ((verdict ?? action) === 'fail' && !isAtOnce) return { state: 'failed', failureCode: 'rejected' } as const
  const { number, attemptsBefore, expiresAtMs } = request
  if (number >= request.retry.maxAttempts) return { state: 'failed', failureCode: 'attempts_exhausted' } as const
  const retry = typeof action === 'object' ? resolveBackoff('onStatus', action, request.retry) : request.retry
  const waitedMs = isAtOnce ? 0 : waitMs(retry, number - attemptsBefore, delivery, nowMs, random)
  const wantedMs = typeof verdict === 'object' ? verdict.retryInMs : waitedMs
  const delayMs = clamp(Number.isNaN(wantedMs) ? 0 : wantedMs, 0, MAX_SPAN_MS)
  if (expiresAtMs !== null && nowMs + delayMs >= expiresAtMs)
    return { state: 'failed', failureCode: 'expired' } as const
  return { state: 'pending', delayMs } as const
}

function waitMs(retry: RetryPolicy, failures: number, delivery: Delivery, nowMs: number, random: () => number): number {
  const asked = Math.min(retryAfterMs(delivery.headers ?? [], nowMs) ?? 0, retry.maxMs)
  return Math.max(retryDelayMs(retry, failures, random), asked)
}
