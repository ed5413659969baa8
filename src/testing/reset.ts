import { checkKeys, checkObject } from '../check/check.ts'
import { checkClient } from '../instance/context.ts'
import { Database } from '../store/database.ts'
import { inTransaction, type PrismaClientLike } from '../store/db.ts'
import { deleteActivity, deleteAllRequests, deleteLimits, deleteLines, deleteSchedules } from '../store/test-rows.ts'
import { checkDatabaseName, checkIsForTests } from './guard.ts'

/** Options of {@link resetDatabase}. */
export interface ResetDatabaseOptions {
  /** The name of the database, if it does not say that it is one for tests: only with it may rows be deleted. @default none */
  database?: string
}

/**
 * Deletes all requests, attempts, lines, schedules, limits and counts of the library's tables, and nothing else. Handlers and workers stay,
 * since those that run have registered themselves.
 *
 * @throws {@link ExpectationError} if the database's name neither has `test` as a word nor is `options.database`, or in production;
 *   `RequeuestError` with code `database_error`, if a row of yours refers to a request and does not let it be deleted
 */
export async function resetDatabase(prisma: PrismaClientLike, options: ResetDatabaseOptions = {}): Promise<void> {
  checkObject('options', options)
  checkKeys('options', options, ['database'])
  const named = checkDatabaseName('options.database', options.database)
  await deleteRows(new Database(checkClient(prisma), undefined), null, named)
}

/** @param channels - null for all */
export async function deleteRows(
  db: Database,
  channels: readonly string[] | null,
  named: string | undefined,
): Promise<void> {
  await checkIsForTests(db, named)
  await inTransaction(
    db,
    [deleteLimits, deleteActivity, deleteSchedules, deleteAllRequests, deleteLines].map((deleteSome) =>
      deleteSome(db, channels),
    ),
  )
}
