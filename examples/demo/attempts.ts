import type { AttemptEvent, Requeuest } from '../../src/index.ts'
import { paint, paintOutcome, say, shorten, timeOfDay } from './output.ts'

/** The part of 80 columns that the rest of a line leaves. */
const LABEL_WIDTH = 18

/** Shows each attempt when it ends, one line each. */
export function showAttempts(requeuest: Requeuest, labels: ReadonlyMap<string, string>): void {
  requeuest.on('attempt', (attempt) => {
    const time = paint('dim', timeOfDay(new Date()))
    const label = (labels.get(attempt.requestId) ?? attempt.requestId).replace(/https?:\/\//, '')
    const answer = paintOutcome(attempt.outcome, attempt.errorCode ?? `status ${attempt.status}`)
    say(
      `${time}  ${shorten(label, LABEL_WIDTH).padEnd(LABEL_WIDTH)}  attempt ${attempt.number}  ${answer}, ${next(attempt)}`,
    )
  })
}

function next({ outcome, retryInMs, durationMs }: AttemptEvent): string {
  if (retryInMs !== null) return paint('dim', `next in ${(retryInMs / 1000).toFixed(1)} s`)
  return outcome === 'accepted' ? `took ${durationMs} ms` : 'given up'
}
