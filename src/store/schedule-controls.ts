import type { PrismaTransactionLike } from './db.ts'

/** Removes a schedule. Returns how many there were. */
export function deleteSchedule(db: PrismaTransactionLike, name: string) {
  return db.$executeRaw`DELETE /* requeuest:deleteSchedule */ FROM requeuest_schedule WHERE name = ${name}`
}

/** Stops a schedule that is not paused from firing. Returns how many there were. */
export function pauseSchedule(db: PrismaTransactionLike, name: string) {
  return db.$executeRaw`
    UPDATE /* requeuest:pauseSchedule */ requeuest_schedule SET paused_at = statement_timestamp() WHERE name = ${name} AND paused_at IS NULL`
}

/** Lets a paused schedule fire again. Returns how many there were. */
export function resumeSchedule(db: PrismaTransactionLike, name: string) {
  return db.$executeRaw`
    UPDATE /* requeuest:resumeSchedule */ requeuest_schedule SET paused_at = NULL WHERE name = ${name} AND paused_at IS NOT NULL`
}

/** Makes a schedule that can fire due now, unless it is already. Returns how many there were. */
export function makeScheduleDue(db: PrismaTransactionLike, name: string) {
  return db.$executeRaw`
    UPDATE /* requeuest:makeScheduleDue */ requeuest_schedule SET next_run_at = least(next_run_at, statement_timestamp())
    WHERE name = ${name} AND paused_at IS NULL AND problem IS NULL`
}
