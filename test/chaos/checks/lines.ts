import { groupBy, type History, isFinal } from '../lab/history.ts'
import type { Violation } from './violation.ts'

/**
 * I7: in a line nobody is sent before everybody ahead is final. Places are those of the inserts' audit rows, which are
 * numbered while the line is locked; the places in the table begin anew whenever a line has been empty.
 */
export function checkLines(history: History): Violation[] {
  const firstArrival = new Map<string, number>()
  for (const { id, at } of history.arrivals) firstArrival.set(id, Math.min(firstArrival.get(id) ?? at, at))
  const place = new Map<string, number>()
  const finalAt = new Map<string, number>()
  for (const { id, from, to, seq, at } of history.moves) {
    if (from === null) place.set(id, seq)
    // The receiver's clock is read in whole milliseconds.
    if (isFinal(to)) finalAt.set(id, Math.floor(at))
  }
  const ordered = history.requests.filter((request) => request.line !== null)
  const violations: Violation[] = []
  for (const [line, members] of groupBy(ordered, (request) => request.line as string)) {
    let free = Number.NEGATIVE_INFINITY
    for (const { id } of members.toSorted((a, b) => (place.get(a.id) ?? 0) - (place.get(b.id) ?? 0))) {
      const sentAt = firstArrival.get(id)
      if (sentAt !== undefined && sentAt < free)
        violations.push({ invariant: 'I7', about: id, says: `sent ${free - sentAt} ms too early in ${line}` })
      free = Math.max(free, finalAt.get(id) ?? Number.POSITIVE_INFINITY)
    }
  }
  return violations
}
