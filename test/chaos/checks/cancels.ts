import type { Life } from '../lab/life.ts'
import type { Check } from './check.ts'

/** I8. What a worker had claimed before may still be sent; each claim sends at most once. */
export const cancels: Check = {
  invariant: 'I8',
  title: 'nothing is sent under a claim that began after a cancel was acknowledged',
  run({ history, lives }) {
    const acknowledgedAt = new Map<string, number[]>()
    for (const note of history.notes) {
      if (note.what !== 'cleared') continue
      const times = acknowledgedAt.get(note.channel) ?? []
      times.push(note.at)
      acknowledgedAt.set(note.channel, times)
    }
    const cancelled = lives.filter((life) => life.request?.state === 'cancelled')
    const violations = cancelled.flatMap((life) => {
      const at = life.moves.find((move) => move.to === 'cancelled')?.at ?? Number.NaN
      const times = acknowledgedAt.get(life.request?.channel ?? '') ?? []
      // Its clock is read in whole milliseconds.
      const ackedAt = times.find((time) => time >= Math.floor(at))
      const says = ackedAt === undefined ? 'cancelled without an acknowledgement' : sentAfter(life, ackedAt)
      return says === undefined ? [] : [{ about: life.id, says }]
    })
    const clears = [...acknowledgedAt.values()].reduce((sum, times) => sum + times.length, 0)
    return { violations, figures: { clears, cancelled: cancelled.length } }
  },
}

function sentAfter(life: Life, ackedAt: number): string | undefined {
  const claims = life.moves.filter((move) => move.to === 'claimed')
  const before = claims.filter((move) => move.at <= ackedAt).length
  if (claims.length > before) return 'claimed after its cancel was acknowledged'
  if (life.arrivals.length > before) return `arrived ${life.arrivals.length} times under ${before} claims`
  return undefined
}
