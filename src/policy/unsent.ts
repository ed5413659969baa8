import { isToBeRendered, problemOfRendererUrl } from '../message/rendering.ts'
import type { Delivery } from './attempt.ts'
import type { ClaimedRequest } from './request.ts'

/** Why a claimed request is not sent at all, told as the result of its attempt; null when it may be sent. */
export function refuseToSend(request: ClaimedRequest): Delivery | null {
  if (request.expiresAtMs !== null && request.expiresAtMs <= request.claimedAtMs) {
    return withoutResponse('expired', 'expired', 'It expired before it was sent.')
  }
  const problem = request.problem ?? (isToBeRendered(request.url) ? problemOfRendererUrl(request.url) : null)
  return problem === null ? null : withoutResponse('invalid', 'invalid_request', problem)
}

/** An attempt in which no response came. */
export function withoutResponse(outcome: Delivery['outcome'], errorCode: string, errorMessage: string): Delivery {
  return {
    outcome,
    durationMs: 0,
    status: null,
    headers: null,
    body: null,
    bodyTruncated: false,
    bodySize: null,
    errorCode,
    errorMessage,
    remoteAddress: null,
  }
}

/** An attempt whose response was not awaited. */
export function abandoned(durationMs: number): Delivery {
  const message = 'The worker was stopped before a response came. The request may have been sent.'
  return { ...withoutResponse('abandoned', 'worker_stopped', message), durationMs: Math.round(durationMs) }
}
