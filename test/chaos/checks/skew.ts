import type { Life } from '../lab/life.ts'
import type { Check, Violation } from './check.ts'

/** Far more than a stall, far less than the hour by which clocks are wrong. */
const TOLERANCE_MS = 60_000

/** I12. The audit's times are the database's own. That the results are the same is for all other checks to find. */
export const skew: Check = {
  invariant: 'I12',
  title: "the wrong clock of a worker's process shows nowhere",
  run({ history, lives }) {
    const skewed = new Set(history.workers.filter((worker) => worker.skewMs !== 0).map((worker) => worker.pid))
    const violations = lives.flatMap((life): Violation[] => wrongTimes(life).map((says) => ({ about: life.id, says })))
    return {
      violations,
      figures: {
        'workers with a wrong clock': skewed.size,
        'their attempts': history.attempts.filter((attempt) => skewed.has(attempt.workerPid)).length,
      },
    }
  },
}

function wrongTimes({ attempts, moves, request }: Life): string[] {
  const says: string[] = []
  const claimedAt = new Map(moves.flatMap((move) => (move.to === 'claimed' ? [[move.countAfter, move.at]] : [])))
  for (const { number, startedAt } of attempts) {
    if (isOff(startedAt, claimedAt.get(number))) says.push(`attempt ${number} does not start when it was claimed`)
  }
  if (request?.finishedAt != null && isOff(request.finishedAt, moves.at(-1)?.at)) says.push('ends at a wrong time')
  return says
}

function isOff(time: number, right: number | undefined): boolean {
  return right !== undefined && Math.abs(time - right) > TOLERANCE_MS
}
