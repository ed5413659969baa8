import type { PrismaTransactionLike } from './db.ts'
import { plainList, textList } from './lists.ts'

/** The name of the database. */
export function selectDatabaseName(db: PrismaTransactionLike) {
  return db.$queryRaw<{ name: string }[]>`SELECT /* requeuest:selectDatabaseName */ current_database()::text AS name`
}

/** The channels that have requests, attempts to be or schedules. */
export function listChannels(db: PrismaTransactionLike) {
  return db.$queryRaw<{ channel: string }[]>`
    SELECT /* requeuest:listChannels */ channel FROM requeuest_request UNION SELECT channel FROM requeuest_schedule`
}

/** The ids of all requests of these channels, or of all when null, except for those in the list. */
export function listIds(db: PrismaTransactionLike, channels: readonly string[] | null, except: readonly string[]) {
  const list = channels && textList(channels)
  return db.$queryRaw<{ id: string }[]>`
    SELECT /* requeuest:listIds */ id::text FROM requeuest_request
    WHERE (${list}::text[] IS NULL OR channel = ANY (${list}::text[])) AND id <> ALL (${plainList(except)}::uuid[])
    ORDER BY id`
}

/*
 * Rows are deleted, not truncated: that would wait for whoever has read a table, and take the tables along that refer to it.
 */

/** Deletes the limits of these channels and of the origins of their requests, or all when null. */
export function deleteLimits(db: PrismaTransactionLike, channels: readonly string[] | null) {
  const list = channels && textList(channels)
  return db.$executeRaw`
    WITH /* requeuest:deleteLimits */ origin AS (
      SELECT origin AS name FROM requeuest_request WHERE channel = ANY (${list}::text[])
    ), lease AS (
      DELETE FROM requeuest_semaphore_lease
      WHERE ${list}::text[] IS NULL OR CASE kind WHEN 'channel' THEN name = ANY (${list}::text[])
        ELSE name IN (SELECT name FROM origin) END
    )
    DELETE FROM requeuest_limit
    WHERE ${list}::text[] IS NULL OR CASE kind WHEN 'channel' THEN name = ANY (${list}::text[])
      ELSE name IN (SELECT name FROM origin) END`
}

/** Deletes what was counted of these channels and of the origins of their requests, or all when null. */
export function deleteActivity(db: PrismaTransactionLike, channels: readonly string[] | null) {
  const list = channels && textList(channels)
  return db.$executeRaw`
    WITH /* requeuest:deleteActivity */ origin AS (
      SELECT origin AS name FROM requeuest_request WHERE channel = ANY (${list}::text[])
    )
    DELETE FROM requeuest_activity
    WHERE ${list}::text[] IS NULL OR CASE kind WHEN 'channel' THEN name = ANY (${list}::text[])
      ELSE name IN (SELECT name FROM origin) END`
}

/** Deletes the schedules of these channels, or all when null. */
export function deleteSchedules(db: PrismaTransactionLike, channels: readonly string[] | null) {
  const list = channels && textList(channels)
  return db.$executeRaw`
    DELETE /* requeuest:deleteSchedules */ FROM requeuest_schedule
    WHERE ${list}::text[] IS NULL OR channel = ANY (${list}::text[])`
}

/** Deletes the requests of these channels with their attempts, or all when null. */
export function deleteAllRequests(db: PrismaTransactionLike, channels: readonly string[] | null) {
  const list = channels && textList(channels)
  return db.$executeRaw`
    DELETE /* requeuest:deleteAllRequests */ FROM requeuest_request
    WHERE ${list}::text[] IS NULL OR channel = ANY (${list}::text[])`
}

/** Deletes the lines of these channels, or all when null. */
export function deleteLines(db: PrismaTransactionLike, channels: readonly string[] | null) {
  const list = channels && textList(channels)
  return db.$executeRaw`
    DELETE /* requeuest:deleteLines */ FROM requeuest_line
    WHERE ${list}::text[] IS NULL OR channel = ANY (${list}::text[])`
}
