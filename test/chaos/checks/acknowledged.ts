import { isFinal, isSuccess } from '../lab/history.ts'
import type { Life } from '../lab/life.ts'
import type { Check, Violation } from './check.ts'

/** A request fails as poison after so many leases in a row that ran out. */
const POISONOUS_AFTER = 5

/** I1. What was spawned without an answer is held to it as well, if it is there. */
export const acknowledged: Check = {
  invariant: 'I1',
  title: 'what was acknowledged ends in one final state, and what was delivered was accepted',
  run({ history, lives }) {
    const cleared = new Set(history.notes.flatMap((note) => (note.what === 'cleared' ? [note.channel] : [])))
    const violations = lives.flatMap((life): Violation[] => {
      const says = fault(life, cleared)
      return says === undefined ? [] : [{ about: life.id, says }]
    })
    const acked = lives.filter((life) => life.fate === 'acked')
    const ended = (state: string) => acked.filter((life) => life.request?.state === state).length
    return {
      violations,
      figures: {
        acknowledged: acked.length,
        delivered: ended('delivered'),
        cancelled: ended('cancelled'),
        failed: ended('failed'),
      },
    }
  },
}

function fault(life: Life, cleared: ReadonlySet<string>): string | undefined {
  const { fate, request, arrivals } = life
  if (fate === undefined || fate === 'rolledback') return undefined
  if (!request) return fate === 'acked' ? 'acknowledged, but not in the database' : undefined
  const { state, failureCode, channel } = request
  if (!isFinal(state)) return `still ${state} at the end`
  if (life.moves.filter((move) => isFinal(move.to)).length !== 1) return 'did not become final exactly once'
  if (state === 'delivered' && !arrivals.some((one) => isSuccess(one.answer)))
    return 'delivered, but the receiver accepted nothing'
  if (state === 'cancelled' && !cleared.has(channel)) return 'cancelled, but nobody cancelled it'
  if (state === 'failed' && !isPoisonous(life)) {
    const outcomes = life.attempts.map((attempt) => attempt.outcome)
    return `failed as ${failureCode} for no reason, after ${outcomes.join(', ')}`
  }
  return undefined
}

/** Seen from the claims, not from the attempts: a worker that was only stopped tells later what became of its attempt. */
function isPoisonous({ request, moves }: Life): boolean {
  const ended = moves.filter((move) => move.from === 'claimed' && move.countAfter === move.countBefore)
  const last = ended.slice(-POISONOUS_AFTER)
  return (
    request?.failureCode === 'poison' &&
    last.length === POISONOUS_AFTER &&
    last.every((move) => move.leaseOver && move.to !== 'delivered')
  )
}
