import { v5, v7 } from 'uuid'
import { checkMoment } from '../check/moment.ts'
import { firstOfLast } from '../cron/catch-up.ts'
import type { Cron } from '../cron/cron.ts'
import type { Message } from '../message/message.ts'
import type { Placement } from './request.ts'

/** What a schedule does about times that passed without a worker: skip them, fire once for the last, or fire for each. */
export type ScheduleCatchUp = 'skip' | 'once' | 'all'

/** A schedule that is to be written: checked, with every default filled in. */
export interface NewSchedule extends Message, Omit<Placement, 'due' | 'expiry' | 'dedupe'> {
  name: string
  channel: string
  cron: string
  timezone: string
  catchUp: ScheduleCatchUp
  jitterMs: number
  expiresAfterMs: number | null
}

/** A worker that looks after its schedules is never this late. */
const MISSED_AFTER_MS = 60_000

/** Random, so that no other use of the names makes the same ids. */
const NAMESPACE = '0b8f7a3e-52d1-4c36-9d0e-6f1c2a9be874'

/** How many missed times of a schedule fire, however many there were: what nobody meant is not to fill the table. */
export const MOST_CAUGHT_UP = 10_000

/** Times that fire now, at most `limit`, and the first that does not. */
export interface DueTimes {
  fireMs: number[]
  nextMs: number
  /** The first that fires of more than can be caught up with; null when none is left out. */
  fromMs: number | null
}

/**
 * When a schedule fires first, as its row says it.
 *
 * @param next - the first time of its expression after a moment
 * @throws {@link InvalidInputError} if the row's time is out of range
 */
export function plannedTime(
  { nextRunAtMs, changedAtMs }: { nextRunAtMs: number | null; changedAtMs: number },
  next: (afterMs: number) => number,
): number {
  if (nextRunAtMs !== null) return checkMoment('schedule.nextRunAt', nextRunAtMs)
  return next(checkMoment('schedule.changedAt', changedAtMs))
}

/**
 * Which times of a schedule fire, when it is `nowMs`. The first is the one that was planned; a user may have chosen it, so it
 * need not be one of the expression. Unless each shall fire, those that have come since the last look count as one.
 */
export function dueTimes(
  cron: Cron,
  firstMs: number,
  nowMs: number,
  catchUp: ScheduleCatchUp,
  limit: number,
): DueTimes {
  if (firstMs > nowMs) return { fireMs: [], nextMs: firstMs, fromMs: null }
  if (catchUp === 'all') {
    const fireMs: number[] = []
    const fromMs = firstOfLast(MOST_CAUGHT_UP, cron, firstMs, nowMs)
    let nextMs = fromMs
    while (nextMs <= nowMs && fireMs.length < limit) {
      fireMs.push(nextMs)
      nextMs = cron.next(nextMs)
    }
    return { fireMs, nextMs, fromMs: fromMs > firstMs ? fromMs : null }
  }
  const latest = cron.latest(firstMs, nowMs)
  const isMissed = catchUp === 'skip' && nowMs - latest > MISSED_AFTER_MS
  return { fireMs: isMissed ? [] : [latest], nextMs: cron.next(latest), fromMs: null }
}

/**
 * The id of the request that a schedule spawns for one of its times: a UUID v7 of that time, so that it stands among those that
 * were spawned then, whose random part is a hash of both, so that the table itself refuses a second one.
 */
export function requestIdOf(name: string, fireMs: number): string {
  const random = v5(`${new Date(fireMs).toISOString()} ${name}`, NAMESPACE, new Uint8Array(16))
  return v7({ msecs: Math.max(0, fireMs), random })
}

/** How many milliseconds late a request is due, from 0 to `jitterMs`. Always the same for the same id, which ends in a hash. */
export function jitterOf(id: string, jitterMs: number): number {
  return Math.floor((Number.parseInt(id.slice(-8), 16) / 2 ** 32) * (jitterMs + 1))
}
