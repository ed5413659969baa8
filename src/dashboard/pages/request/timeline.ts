import type { AttemptOutcome } from '../../../policy/attempt.ts'
import type { RequestState } from '../../../policy/request.ts'

/** What is drawn, times in milliseconds since 1970. */
export interface TimelineFacts {
  state: RequestState
  /** Whether it waits for others in its line. */
  isBlocked: boolean
  createdAtMs: number
  runAtMs: number
  finishedAtMs: number | null
  /** Since when a worker has it, if one has. */
  claimedAtMs: number | null
  nowMs: number
  /** Attempts begun, a running one included. */
  attemptCount: number
  /** Whether there are more behind the given ones. */
  isCut: boolean
  /** The last ones, in the order of their numbers. */
  attempts: readonly {
    number: number
    outcome: AttemptOutcome
    startedAtMs: number
    durationMs: number
    nextRunAtMs: number | null
  }[]
}

/**
 * A stretch of a request's life. `wait`: until it is due. `due`: until a worker takes it. `ahead`: what is left of a wait. `attempt`:
 * sent and answered. `running`: being sent.
 */
export interface Stretch {
  kind: 'wait' | 'due' | 'ahead' | 'attempt' | 'running'
  fromMs: number
  untilMs: number
  /** The attempt, or the one that is waited for. */
  number: number
  outcome: AttemptOutcome | null
}

/** It takes as long to write down what became of an attempt: no wait. */
const SETTLING_MS = 1000

/** The life of a request from its spawn, or from the first of the attempts, in stretches that follow one another. */
export function stretchesOf(facts: TimelineFacts): Stretch[] {
  const stretches: Stretch[] = []
  const first = facts.attempts[0]
  let atMs = first && first.number > 1 ? first.startedAtMs : facts.createdAtMs
  const add = (kind: Stretch['kind'], untilMs: number, number: number, outcome: AttemptOutcome | null = null) => {
    // Workers measure durations by clocks of their own.
    const until = Math.max(atMs, untilMs)
    if (until > atMs || kind === 'attempt') stretches.push({ kind, fromMs: atMs, untilMs: until, number, outcome })
    atMs = until
  }
  const wait = (dueAtMs: number | null, untilMs: number, number: number) => {
    add('wait', Math.min(dueAtMs ?? untilMs, untilMs), number)
    add('due', untilMs, number)
  }
  let dueAtMs: number | null = null
  for (const { number, outcome, startedAtMs, durationMs, nextRunAtMs } of facts.attempts) {
    wait(dueAtMs, startedAtMs, number)
    add('attempt', startedAtMs + durationMs, number, outcome)
    dueAtMs = nextRunAtMs
  }
  if (facts.isCut) return stretches
  const { state, runAtMs, nowMs, claimedAtMs, finishedAtMs, attemptCount } = facts
  if (state === 'claimed') {
    wait(dueAtMs, claimedAtMs ?? nowMs, attemptCount)
    add('running', nowMs, attemptCount)
  } else if (state === 'pending') {
    wait(facts.isBlocked ? nowMs : runAtMs, nowMs, attemptCount + 1)
    if (runAtMs > nowMs) add('ahead', runAtMs, attemptCount + 1)
  } else if (finishedAtMs !== null && finishedAtMs > atMs + SETTLING_MS) add('wait', finishedAtMs, attemptCount)
  return stretches
}

/** A stretch in its place. */
export interface Placed extends Stretch {
  x: number
  width: number
}

/** What a stretch of no length takes beside one of nine milliseconds. */
const LEAST = 1

/**
 * Puts stretches side by side. Attempts take milliseconds and waits take hours, so widths grow with the logarithm of the time: each
 * is seen, and what took longer is wider.
 */
export function placed(stretches: readonly Stretch[], width: number): Placed[] {
  const weights = stretches.map(({ fromMs, untilMs }) => LEAST + Math.log10(1 + untilMs - fromMs))
  const unit = width / weights.reduce((sum, weight) => sum + weight, 0)
  let x = 0
  return stretches.map((stretch, index) => {
    const own = (weights[index] as number) * unit
    const place = { ...stretch, x, width: own }
    x += own
    return place
  })
}
