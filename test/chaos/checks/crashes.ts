import type { Fault, Move } from '../lab/history.ts'
import { strikesPostgres } from '../nemesis/kinds.ts'
import type { Check, Evidence } from './check.ts'

const WITHIN_MS = 5000
/** A request that failed waits at most this long for its next attempt, so by then something pending is due. */
const LONGEST_BACKOFF_MS = 500

/** I10. That nothing acknowledged is lost is for I1 to find. */
export const crashes: Check = {
  invariant: 'I10',
  title: 'after a crash of the database the first claim comes within 5 s',
  run(evidence) {
    const { history } = evidence
    const struck = history.faults.filter((fault) => strikesPostgres(fault.kind))
    const claims = history.moves.filter((move) => move.to === 'claimed').sort((a, b) => a.at - b.at)
    const waiting = waitingAt(evidence)
    const crashed = struck.filter((fault) => fault.kind === 'crash')
    let longestMs = 0
    const violations = crashed.flatMap((crash) => {
      if (waiting(crash.until) === 0) return []
      const claimedAt = firstFrom(claims, crash.until)?.at ?? Number.POSITIVE_INFINITY
      const afterMs = Math.round(claimedAt - crash.until)
      longestMs = Math.max(longestMs, afterMs)
      if (claimedAt - readyFrom(crash, struck) <= WITHIN_MS + LONGEST_BACKOFF_MS) return []
      return [{ about: `crash at ${crash.from}`, says: `the first claim came after ${afterMs} ms` }]
    })
    return { violations, figures: { crashes: crashed.length, 'first claim after ms': longestMs } }
  },
}

/** When the last of the faults of Postgres was over that struck before the workers could have been back. */
function readyFrom(crash: Fault, faults: readonly Fault[]): number {
  let readyAt = crash.until
  for (const fault of faults.toSorted((a, b) => a.from - b.from)) {
    if (fault.until > readyAt && fault.from <= readyAt + WITHIN_MS) readyAt = fault.until
  }
  return readyAt
}

function firstFrom(claims: readonly Move[], time: number): Move | undefined {
  let low = 0
  let high = claims.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((claims[middle] as Move).at < time) low = middle + 1
    else high = middle
  }
  return claims[low]
}

/** How many requests without a line were pending at a time. */
function waitingAt({ lives }: Evidence): (time: number) => number {
  const unordered = lives.filter((life) => life.request?.line === null)
  const steps = unordered.flatMap((life) =>
    life.moves.flatMap(({ from, to, at }) => {
      const by = Number(to === 'pending') - Number(from === 'pending')
      return by === 0 ? [] : [{ at, by }]
    }),
  )
  return (time) => steps.reduce((sum, step) => (step.at <= time ? sum + step.by : sum), 0)
}
