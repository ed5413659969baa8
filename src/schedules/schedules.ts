import { toDate } from '../check/moment.ts'
import { Cron } from '../cron/cron.ts'
import { scheduleRow, type Vault } from '../encryption/vault.ts'
import { InvalidInputError } from '../errors.ts'
import { type ControlOptions, resolveControlOptions } from '../options/control.ts'
import type { ResolvedOptions } from '../options/instance.ts'
import { checkTransaction } from '../options/transaction.ts'
import { plannedTime, type ScheduleCatchUp } from '../policy/schedule.ts'
import { inTransactionOfCaller } from '../store/caller.ts'
import type { Database } from '../store/database.ts'
import { type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { listSchedules, type ScheduleRow, upsertSchedule } from '../store/schedules.ts'
import { selectTime } from '../store/session.ts'
import { checkScheduleName, resolveSchedule, type ScheduleDefinition, type ScheduleOptions } from './definition.ts'

/** A schedule, without the headers and body that it sends. */
export interface FoundSchedule {
  name: string
  cron: string
  timezone: string
  channel: string
  method: string
  url: string
  catchUp: ScheduleCatchUp
  jitterMs: number
  /** When the schedule fires next; null while it is paused or has a problem. */
  nextRunAt: Date | null
  /** The last time for which a request was spawned; null if there was none. */
  lastRunAt: Date | null
  pausedAt: Date | null
  /** Why the schedule cannot fire, if its row was edited to something invalid; otherwise null. */
  problem: string | null
}

/** Writes a schedule or changes the one of that name. Returns when it fires next, or null if it is paused. */
export async function schedule(
  db: Database,
  name: string,
  definition: ScheduleDefinition,
  options: ScheduleOptions,
  defaults: ResolvedOptions,
  vault: Vault,
): Promise<Date | null> {
  const tx = checkTransaction(options)
  const { schedule, plan } = await resolveSchedule(name, definition, options, defaults)
  const stored = { ...schedule, ...vault.seal(scheduleRow(name), schedule) }
  const [row] = await inTransactionOfCaller(db, tx, async (into) => {
    const [time] = await selectTime(into)
    return upsertSchedule(into, { ...stored, nextMs: plan.next(time?.nowMs ?? 0) })
  })
  return row === undefined || row.paused ? null : toDate(plannedTime(row, (afterMs) => plan.next(afterMs)))
}

/** Runs a statement on the schedule of that name. Returns whether there was something to change. */
export async function changeSchedule(
  db: Database,
  name: string,
  options: ControlOptions,
  change: (db: PrismaTransactionLike, name: string) => PromiseLike<number>,
): Promise<boolean> {
  checkScheduleName(name)
  const tx = resolveControlOptions(options)
  return (await inTransactionOfCaller(db, tx, (into) => change(into, name))) > 0
}

/** All schedules, by name. */
export async function schedules(db: Database): Promise<FoundSchedule[]> {
  const rows = await withDatabaseErrors(() => listSchedules(db))
  return rows.map((row) => {
    const { nextRunAtMs: _next, changedAtMs: _changed, lastRunAtMs, pausedAtMs, ...rest } = row
    return { ...rest, ...prospectOf(row), lastRunAt: toDate(lastRunAtMs), pausedAt: toDate(pausedAtMs) }
  })
}

/** What a worker would make of a row that none has seen yet. */
function prospectOf(row: ScheduleRow): Pick<FoundSchedule, 'nextRunAt' | 'problem'> {
  const { cron, timezone, problem } = row
  if (row.pausedAtMs !== null || problem !== null) return { nextRunAt: null, problem }
  try {
    const nextMs = plannedTime(row, (afterMs) => new Cron(cron, timezone).next(afterMs))
    return { nextRunAt: toDate(nextMs), problem }
  } catch (error) {
    if (error instanceof InvalidInputError) return { nextRunAt: null, problem: error.message }
    throw error
  }
}
