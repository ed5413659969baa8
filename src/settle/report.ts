import { toDate } from '../check/moment.ts'
import type { Events } from '../events/events.ts'
import { originOf } from '../message/origin.ts'
import type { Settlement, Verdict } from '../store/settlements.ts'

/** Emits the events of an attempt once it is written. */
export function reportSettlement(events: Events, settlement: Settlement, verdict: Verdict): void {
  if (verdict === 'gone') return
  const { claim, delivery, decision, endedAtMs } = settlement
  const { id: requestId, channel, number } = claim
  const method = delivery.rendered?.method ?? claim.method
  const origin = delivery.rendered ? originOf(delivery.rendered.url) : claim.origin
  const startedAtMs = endedAtMs - delivery.durationMs
  events.emit('attempt', {
    requestId,
    channel,
    method,
    origin,
    number,
    outcome: decision.outcome,
    status: delivery.status,
    startedAt: toDate(startedAtMs),
    durationMs: delivery.durationMs,
    queueWaitMs: sinceMs(claim.dueAtMs, startedAtMs),
    errorCode: delivery.errorCode,
    errorMessage: delivery.errorMessage,
    retryInMs: verdict === 'settled' && decision.state === 'pending' ? decision.delayMs : null,
  })
  if (verdict === 'lost') {
    events.emit('claimLost', { requestId, channel, number })
  } else if (decision.state === 'delivered') {
    const status = delivery.status as number
    const ageMs = sinceMs(claim.createdAtMs, endedAtMs)
    events.emit('delivered', { requestId, channel, method, origin, attempts: number, status, ageMs })
  } else if (decision.state === 'failed') {
    const { failureCode } = decision
    const ageMs = sinceMs(claim.createdAtMs, endedAtMs)
    events.emit('failed', { requestId, channel, method, origin, attempts: number, failureCode, ageMs })
  }
}

/** A row that is written by hand may have any times. */
function sinceMs(fromMs: number, untilMs: number): number {
  return Math.max(0, Math.round(untilMs - fromMs))
}
