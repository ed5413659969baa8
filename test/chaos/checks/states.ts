import type { Move } from '../lab/history.ts'
import type { Check } from './check.ts'

/** From, to, and what the move may do to the count of attempts. A claim that is given back takes its attempt back. */
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

/** I6. */
export const states: Check = {
  invariant: 'I6',
  title: 'states move along the diagram only, each from where the one before had led',
  run({ history, lives }) {
    const violations = lives.flatMap((life) => {
      let before: Move | undefined
      return life.moves.flatMap((move) => {
        const says = illegal(move, before)
        before = move
        return says === undefined ? [] : [{ about: life.id, says }]
      })
    })
    return { violations, figures: { moves: history.moves.length } }
  },
}

function illegal(move: Move, before: Move | undefined): string | undefined {
  const step = `${move.from} → ${move.to}`
  const by = move.countAfter - move.countBefore
  if (!DIAGRAM.get(step)?.includes(by)) return `${step} with ${by >= 0 ? '+' : ''}${by} attempts`
  if (before && (before.to !== move.from || before.countAfter !== move.countBefore))
    return `${step} came after ${before.from} → ${before.to}`
  return undefined
}
