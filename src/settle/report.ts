import type { Events } from '../events/events.ts'
import type { Settlement, Verdict } from '../store/settlements.ts'

/** Emits the events of an attempt once it is written. */
export function reportSettlement(events: Events, { claim, delivery, decision }: Settlement, verdict: Verdict): void {
  const { id: requestId, channel, number } = claim
  if (verdict === 'gone') return
  events.emit('attempt', {
    requestId,
    channel,
    number,
    outcome: decision.outcome,
    status: delivery.status,
    durationMs: delivery.durationMs,
    errorCode: delivery.errorCode,
    errorMessage: delivery.errorMessage,
    retryInMs: verdict === 'settled' && decision.state === 'pending' ? decision.delayMs : null,
  })
  if (verdict === 'lost') {
    events.emit('claimLost', { requestId, channel, number })
  } else if (decision.state === 'delivered') {
    events.emit('delivered', { requestId, channel, attempts: number, status: delivery.status as number })
  } else if (decision.state === 'failed') {
    events.emit('failed', { requestId, channel, attempts: number, failureCode: decision.failureCode })
  }
}
