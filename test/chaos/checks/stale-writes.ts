import { isSuccess, type Move } from '../lab/history.ts'
import { arrivalOf, type Life } from '../lab/life.ts'
import type { Check } from './check.ts'

/**
 * I5. Who wrote what is known from the audit. A claim is ended by its holder, or by anybody once its lease is over;
 * and its holder ends it only after the answer to that very attempt.
 */
export const staleWrites: Check = {
  invariant: 'I5',
  title: 'nobody writes under a claim that is not theirs, but for a success, which is true whenever it comes',
  run({ lives }) {
    let late = 0
    const violations = lives.flatMap((life) => {
      let holder: number | null = null
      const says: string[] = []
      for (const move of life.moves) {
        if (move.to === 'claimed') holder = move.by
        else if (move.to === 'delivered') {
          if (move.by !== holder || move.from === 'pending') late++
          if (!heard(move, life)) says.push(`delivered by ${move.by}, which was told of no success`)
        } else if (move.from === 'claimed') {
          const wrong = stale(move, holder, life)
          if (wrong !== undefined) says.push(wrong)
        }
      }
      return says.map((text) => ({ about: life.id, says: text }))
    })
    return { violations, figures: { 'late successes': late } }
  },
}

/** Whether the writer had by then been told of a success, in this attempt or one before. */
function heard(move: Move, life: Life): boolean {
  return life.attempts.some((attempt) => {
    if (attempt.workerPid !== move.by || attempt.number > move.countAfter) return false
    const arrival = arrivalOf(attempt, life)
    return arrival !== undefined && isSuccess(arrival.answer) && (arrival.answeredAt ?? 0) <= move.at
  })
}

function stale(move: Move, holder: number | null, life: Life): string | undefined {
  if (move.leaseOver) return undefined
  const step = `attempt ${move.countBefore} of ${holder} was ended as ${move.to} by ${move.by}`
  if (move.by !== holder) return `${step} before its lease had run out`
  if (move.countAfter < move.countBefore) return undefined
  const attempt = life.attempts.find((one) => one.number === move.countAfter)
  const answeredAt = attempt && arrivalOf(attempt, life)?.answeredAt
  if (answeredAt != null && answeredAt > move.at) return `${step} before it was answered`
  return attempt?.outcome === 'accepted' ? `${step} although it was accepted` : undefined
}
