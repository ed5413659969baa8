import { inTransaction, withDatabaseErrors } from '../store/db.ts'
import { listChannels } from '../store/test-rows.ts'
import {
  findNextTime,
  shiftAttempts,
  shiftLimits,
  shiftLines,
  shiftRequests,
  shiftSemaphoreLeases,
} from '../store/time-travel.ts'
import type { Calendar } from './calendar.ts'
import { checkIsForTests } from './guard.ts'
import type { Scope } from './scope.ts'

/** Lets time pass for all that is in the scope. */
export async function advance({ context, channels, database }: Scope, calendar: Calendar, ms: number): Promise<void> {
  const { db } = context
  await checkIsForTests(db, database)
  await inTransaction(
    db,
    [shiftAttempts, shiftRequests, shiftLines, shiftLimits, shiftSemaphoreLeases].map((shift) =>
      shift(db, channels, ms),
    ),
  )
  await calendar.advance(channels, ms)
  context.running?.refreshLimits()
  for (const channel of channels ?? (await allChannels(db))) context.running?.wake(channel)
}

/** In how many milliseconds something is due next, at least one; null when nothing is. */
export async function nextInMs({ context, channels }: Scope, calendar: Calendar): Promise<number | null> {
  const [row] = await withDatabaseErrors(() => findNextTime(context.db, channels))
  const times = [row?.inMs ?? null, await calendar.nextInMs(channels)].filter((ms) => ms !== null)
  return times.length === 0 ? null : Math.max(1, Math.ceil(Math.min(...times)))
}

async function allChannels(db: Scope['context']['db']): Promise<string[]> {
  return (await withDatabaseErrors(() => listChannels(db))).map(({ channel }) => channel)
}
