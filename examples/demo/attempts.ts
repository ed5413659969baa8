import type { AttemptEvent, Requeuest } from '../../src/index.ts'
import { paint, paintOutcome, say, timeOfDay } from './output.ts'

/** Shows each try when it is over, one line a try. */
export function showAttempts(requeuest: Requeuest, labels: ReadonlyMap<string, string>): void {
  requeuest.on('attempt', (attempt) => {
    const time = paint('dim', timeOfDay(new Date()))
    const label = labels.get(attempt.requestId) ?? attempt.requestId
    const outcome = paintOutcome(attempt.outcome, attempt.outcome.padEnd(13))
    say(`${time}  ${label.padEnd(18)}  try ${attempt.number}  ${outcome}  ${answer(attempt)}, ${next(attempt)}`)
  })
}

function answer({ status, errorCode, errorMessage }: AttemptEvent): string {
  const found = status === null ? [] : [`status ${status}`]
  const wrong = errorCode === null ? [] : [`${errorCode} (${errorMessage})`]
  return [...found, ...wrong].join(', ')
}

function next({ outcome, retryInMs, durationMs }: AttemptEvent): string {
  if (retryInMs !== null) return paint('dim', `next try in ${(retryInMs / 1000).toFixed(1)} s`)
  return outcome === 'accepted' ? `took ${durationMs} ms` : 'given up'
}
