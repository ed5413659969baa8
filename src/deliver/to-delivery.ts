import type { ExchangeResult } from '../net/exchange.ts'
import { failureKind, failureMessage } from '../net/failure.ts'
import type { Delivery } from '../policy/attempt.ts'
import { withoutResponse } from '../policy/unsent.ts'
import { exhaustedBy } from '../runtime/exhausted.ts'
import type { Postponed } from './gate.ts'

const MAX_INT = 2_147_483_647

/** What an exchange came to. It did not take place if this machine could not make the connection. */
export function sentBy(result: ExchangeResult): Delivery | Postponed {
  const { error, begun } = result
  const isOurs = error !== null && !begun && exhaustedBy(error) !== null
  return isOurs ? { postponed: 'exhausted', cause: error } : toDelivery(result)
}

/** @param failure - what went wrong, if that is not told by the exchange */
export function toDelivery({ status, headers, body, remoteAddress, error }: ExchangeResult, failure = error): Delivery {
  const kind = failure === null ? null : failureKind(failure)
  return {
    outcome: kind === null ? 'response' : outcomeOf(kind),
    durationMs: 0,
    status,
    headers,
    body: body.kept,
    bodyTruncated: body.truncated,
    bodySize: status === null ? null : Math.min(body.seen, MAX_INT),
    errorCode: kind,
    errorMessage: kind === null ? null : failureMessage(failure),
    remoteAddress,
  }
}

/** Nothing was sent. */
export function failed(error: unknown): Delivery {
  const kind = failureKind(error)
  return withoutResponse(outcomeOf(kind), kind, failureMessage(error))
}

function outcomeOf(kind: ReturnType<typeof failureKind>): Delivery['outcome'] {
  if (kind === 'timeout') return 'timeout'
  if (kind === 'address_blocked') return 'blocked'
  if (kind === 'signing_failed' || kind === 'render_failed' || kind === 'auth_failed') return 'unprepared'
  return kind === 'invalid_request' ? 'invalid' : 'network_error'
}
