import { describe, reasonOf } from '../errors.ts'
import { parseAcceptRule } from './accept.ts'
import type { Delivery } from './attempt.ts'
import { checkOnStatus } from './on-status.ts'
import type { ClaimedRequest } from './request.ts'

/** Why a claimed request is not sent at all, told as the result of its try; null when it may be sent. */
export function refuseToSend(request: ClaimedRequest): Delivery | null {
  if (request.expiresAtMs !== null && request.expiresAtMs <= request.claimedAtMs) {
    return withoutResponse('expired', 'expired', 'It expired before it was sent.')
  }
  const wrong = problemOfPolicy(request)
  return wrong === null ? null : withoutResponse('invalid', 'invalid_request', wrong)
}

/** What no worker could go by. A row that was written by hand may hold anything. */
function problemOfPolicy({ accept, onStatus }: ClaimedRequest): string | null {
  if (accept.length === 0) return 'The accept set is empty, so no response could be a success.'
  const senseless = accept.findIndex((rule) => parseAcceptRule(rule) === null)
  if (senseless >= 0) return `The accept set has a rule that names no status: ${describe(accept[senseless])}`
  try {
    checkOnStatus('onStatus', onStatus)
    return null
  } catch (error) {
    return reasonOf(error)
  }
}

/** A try in which no response came. */
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

/** A try whose answer was not waited for. */
export function abandoned(durationMs: number): Delivery {
  const message = 'The worker was stopped before the answer came. The request may have been sent.'
  return { ...withoutResponse('abandoned', 'worker_stopped', message), durationMs: Math.round(durationMs) }
}
