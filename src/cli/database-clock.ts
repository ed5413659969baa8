import type { Database } from '../store/database.ts'

/** What the database's clock says, in milliseconds since 1970. */
export async function databaseClock(db: Database): Promise<number> {
  const [{ selectTime }, { withDatabaseErrors }] = await Promise.all([
    import('../store/session.ts'),
    import('../store/db.ts'),
  ])
  const [row] = await withDatabaseErrors(() => selectTime(db))
  if (row === undefined) throw new Error('the database did not say what time it is')
  return row.nowMs
}
