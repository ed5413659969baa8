import { isFinal } from '../lab/history.ts'
import { arrivalOf, groupBy, type Life } from '../lab/life.ts'
import type { Check, Evidence, Violation } from './check.ts'

/**
 * I7. Places are those of the inserts' audit rows, which are numbered while the line is locked; the places in the table
 * begin anew whenever a line has been empty. Final is not all: nobody may still be sending the one ahead, either, unless
 * it was a worker that was struck.
 */
export const lines: Check = {
  invariant: 'I7',
  title: 'in a line nobody is sent before everybody ahead is final and done with',
  run(evidence) {
    const ordered = evidence.lives.filter((life) => life.request?.line != null)
    const violations: Violation[] = []
    const byLine = groupBy(ordered, (life) => life.request?.line as string)
    for (const [line, members] of byLine) {
      let free = Number.NEGATIVE_INFINITY
      for (const life of members.toSorted((a, b) => place(a) - place(b))) {
        const sentAt = life.arrivals[0]?.at
        if (sentAt !== undefined && sentAt < free)
          violations.push({ about: life.id, says: `sent ${free - sentAt} ms too early in ${line}` })
        free = Math.max(free, doneAt(life, evidence))
      }
    }
    return { violations, figures: { lines: byLine.size, 'in a line': ordered.length } }
  },
}

const place = (life: Life): number => life.moves.find((move) => move.from === null)?.seq ?? 0

function doneAt(life: Life, { struck }: Evidence): number {
  const final = life.moves.find((move) => isFinal(move.to))
  const answers = life.attempts.map((attempt) =>
    struck.has(attempt.workerPid) ? 0 : (arrivalOf(attempt, life)?.answeredAt ?? 0),
  )
  // The receiver's clock is read in whole milliseconds.
  return Math.max(final ? Math.floor(final.at) : Number.POSITIVE_INFINITY, ...answers)
}
