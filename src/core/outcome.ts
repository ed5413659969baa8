import { isAccepted } from './accept.ts'
import type { AttemptOutcome, Delivery } from './attempt.ts'
import type { ClaimedRequest } from './request.ts'
import { retryAfterMs } from './retry-after.ts'
import { retryDelayMs } from './retry-policy.ts'

/** Why a failed request was given up. */
export type FailureCode = 'attempts_exhausted' | 'expired' | 'address_blocked' | 'invalid_request' | 'poisonous'

/** What becomes of a request after a try. */
export type Decision = { outcome: AttemptOutcome } & (
  | { state: 'delivered' }
  | { state: 'failed'; failureCode: FailureCode }
  | { state: 'pending'; delayMs: number }
)

/**
 * Decides what a try means for its request.
 *
 * @param nowMs - the database's time when the try ended
 * @param random - gives numbers from 0 up to but not including 1
 */
export function decideOutcome(
  request: ClaimedRequest,
  delivery: Delivery,
  nowMs: number,
  random: () => number,
): Decision {
  switch (delivery.outcome) {
    case 'blocked':
      return { outcome: 'blocked', state: 'failed', failureCode: 'address_blocked' }
    case 'invalid':
      return { outcome: 'invalid', state: 'failed', failureCode: 'invalid_request' }
    case 'expired':
      return { outcome: 'expired', state: 'failed', failureCode: 'expired' }
    case 'response':
      if (isAccepted(request.accept, delivery.status as number)) return { outcome: 'accepted', state: 'delivered' }
      return { outcome: 'rejected', ...tryAgain(request, delivery, nowMs, random) }
    default:
      return { outcome: delivery.outcome, ...tryAgain(request, delivery, nowMs, random) }
  }
}

function tryAgain(request: ClaimedRequest, delivery: Delivery, nowMs: number, random: () => number) {
  const { retry, number, triesBefore, expiresAtMs } = request
  if (number >= retry.maxAttempts) return { state: 'failed', failureCode: 'attempts_exhausted' } as const
  const asked = Math.min(retryAfterMs(delivery.headers ?? [], nowMs) ?? 0, retry.maxMs)
  const delayMs = Math.max(retryDelayMs(retry, number - triesBefore, random), asked)
  if (expiresAtMs !== null && nowMs + delayMs >= expiresAtMs)
    return { state: 'failed', failureCode: 'expired' } as const
  return { state: 'pending', delayMs } as const
}
