import type { AttemptEvent, Requeuest } from '../../src/index.ts'
import { paint, paintOutcome, say, shorten, timeOfDay } from './output.ts'

/** What is left of 80 columns beside the rest of a line. */
const LABEL_WIDTH = 18

/** Shows each try when it is over, one line a try. */
export function showAttempts(requeuest: Requeuest, labels: ReadonlyMap<string, string>): void {
  requeuest.on('attempt', (attempt) => {
    const time = paint('dim', timeOfDay(new Date()))
    const label = (labels.get(attempt.requestId) ?? attempt.requestId).replace(/https?:\/\//, '')
    const answer = paintOutcome(attempt.outcome, attempt.errorCode ?? `status ${attempt.status}`)
    say(
      `${time}  ${shorten(label, LABEL_WIDTH).padEnd(LABEL_WIDTH)}  try ${attempt.number}  ${answer}, ${next(attempt)}`,
    )
  })
}

function next({ outcome, retryInMs, durationMs }: AttemptEvent): string {
  if (retryInMs !== null) return paint('dim', `next try in ${(retryInMs / 1000).toFixed(1)} s`)
  return outcome === 'accepted' ? `took ${durationMs} ms` : 'given up'
}
