import type { Situation } from '../../../inspect/situation.ts'
import type { FoundRequest } from '../../../results/find.ts'

/** What becomes of a request next. */
export type Step =
  | { kind: 'held'; by: string; since: Date | null }
  | { kind: 'in_line'; behind: Situation['firstInLine'] }
  | { kind: 'retry'; number: number; at: Date }
  | { kind: 'delayed'; at: Date }
  | { kind: 'due'; since: Date }
  | { kind: 'claimed'; by: string | null; since: Date | null; until: Date | null; number: number }
  | { kind: 'lease_over'; by: string | null; since: Date | null }
  | { kind: 'delivered'; at: Date | null; number: number; status: number | null }
  | { kind: 'failed'; at: Date | null; code: string | null; holdsLine: boolean }
  | { kind: 'cancelled'; at: Date | null }

/** What keeps a pending request back, whatever else it waits for. */
export type Obstacle =
  | { kind: 'no_worker' }
  | { kind: 'channel_paused'; since: Date }
  | { kind: 'receiver_paused'; since: Date }
  | { kind: 'breaker_open'; until: Date | null }
  | { kind: 'breaker_probing' }
  | { kind: 'retry_after'; until: Date }

export type Asked = Pick<
  FoundRequest,
  'id' | 'state' | 'blocked' | 'runAt' | 'attemptCount' | 'failureCode' | 'finishedAt'
> & { attempts: readonly Pick<FoundRequest['attempts'][number], 'number' | 'outcome' | 'status'>[] }

export function stepOf(request: Asked, situation: Situation): Step {
  const { state, attemptCount, runAt, finishedAt, failureCode } = request
  const { now, claim, heldBy } = situation
  if (state === 'delivered') {
    const accepted = request.attempts.findLast(({ outcome }) => outcome === 'accepted')
    return { kind: state, at: finishedAt, number: accepted?.number ?? attemptCount, status: accepted?.status ?? null }
  }
  if (state === 'failed')
    return { kind: state, at: finishedAt, code: failureCode, holdsLine: heldBy?.id === request.id }
  if (state === 'cancelled') return { kind: state, at: finishedAt }
  if (state === 'claimed') {
    const { workerId: by, at: since, leaseUntil: until } = claim
    if (until !== null && until <= now) return { kind: 'lease_over', by, since: until }
    return { kind: 'claimed', by, since, until, number: attemptCount }
  }
  if (request.blocked) {
    if (heldBy !== null) return { kind: 'held', by: heldBy.id, since: heldBy.at }
    return { kind: 'in_line', behind: situation.firstInLine }
  }
  if (runAt <= now) return { kind: 'due', since: runAt }
  return attemptCount > 0 ? { kind: 'retry', number: attemptCount + 1, at: runAt } : { kind: 'delayed', at: runAt }
}

/** None for what is final, or with a worker already. */
export function obstaclesOf({ state }: Pick<Asked, 'state'>, { workers, channel, receiver }: Situation): Obstacle[] {
  if (state !== 'pending') return []
  return [
    ...(workers === 0 ? [{ kind: 'no_worker' } as const] : []),
    ...(channel.pausedAt ? [{ kind: 'channel_paused', since: channel.pausedAt } as const] : []),
    ...(receiver.pausedAt ? [{ kind: 'receiver_paused', since: receiver.pausedAt } as const] : []),
    ...(receiver.breaker === 'open' ? [{ kind: 'breaker_open', until: receiver.openUntil } as const] : []),
    ...(receiver.breaker === 'half_open' ? [{ kind: 'breaker_probing' } as const] : []),
    ...(receiver.retryAt ? [{ kind: 'retry_after', until: receiver.retryAt } as const] : []),
  ]
}
