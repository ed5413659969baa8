import { inTransaction, withDatabaseErrors } from '../store/db.ts'
import { selectTime } from '../store/session.ts'
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

/** The database's clock, in milliseconds since 1970. */
export async function now({ context }: Scope): Promise<number> {
  const [row] = await withDatabaseErrors(() => selectTime(context.db))
  return row?.nowMs ?? Date.now()
}

/** In how many milliseconds something happens that has not happened by then, 0 if it has meanwhile; null when nothing does. */
export async function nextInMs(
  { context, channels }: Scope,
  calendar: Calendar,
  sinceMs: number,
): Promise<number | null> {
  const [row] = await withDatabaseErrors(() => findNextTime(context.db, channels, sinceMs))
  const times = [row?.inMs ?? null, await calendar.nextInMs(channels)].filter((ms) => ms !== null)
  return times.length === 0 ? null : Math.max(0, Math.ceil(Math.min(...times)))
}

async function allChannels(db: Scope['context']['db']): Promise<string[]> {
  return (await withDatabaseErrors(() => listChannels(db))).map(({ channel }) => channel)
}
