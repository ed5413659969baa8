import { groupBy, type History, type Move } from '../lab/history.ts'
import type { Violation } from './violation.ts'

/** From, to, and what the move may do to the count of tries. A claim that is given back takes its try back. */
const DIAGRAM = new Map<string, number[]>([
  ['null → pending', [0]],
  ['pending → claimed', [1]],
  ['claimed → pending', [0, -1]],
  ['claimed → delivered', [0]],
  ['claimed → failed', [0]],
  // A late success, whose claim was lost.
  ['pending → delivered', [0]],
  ['pending → failed', [0]],
  ['pending → cancelled', [0]],
])

/** I6: states move along the diagram only, each from where the one before had led. */
export function checkStates(history: History): Violation[] {
  const violations: Violation[] = []
  for (const [about, moves] of groupBy(history.moves, (move) => move.id)) {
    let before: Move | undefined
    for (const move of moves.toSorted((a, b) => a.seq - b.seq)) {
      const step = `${move.from} → ${move.to}`
      const by = move.countAfter - move.countBefore
      if (!DIAGRAM.get(step)?.includes(by)) {
        violations.push({ invariant: 'I6', about, says: `${step} with ${by >= 0 ? '+' : ''}${by} tries` })
      } else if (before && (before.to !== move.from || before.countAfter !== move.countBefore)) {
        violations.push({ invariant: 'I6', about, says: `${step} came after ${before.from} → ${before.to}` })
      }
      before = move
    }
  }
  return violations
}
