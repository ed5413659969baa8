import { checkText } from '../check/check.ts'
import { ExpectationError } from '../errors.ts'
import type { Database } from '../store/database.ts'
import { withDatabaseErrors } from '../store/db.ts'
import { selectDatabaseName } from '../store/test-rows.ts'

/** `test_17`, `orders-test`, `testing` and `testdb`, but neither `latest` nor `testimonials`. */
const FOR_TESTS = /(^|[^a-z])test(s|ing)?($|[^a-z]|db|database)/i

/** Whether a database's name says that it is one for tests. */
export function saysForTests(name: string): boolean {
  return FOR_TESTS.test(name)
}

/** Postgres cuts longer names. */
const MAX_NAME = 63

export function checkDatabaseName(field: string, name: string | undefined): string | undefined {
  return name === undefined ? undefined : checkText(field, name, MAX_NAME)
}

/**
 * Throws {@link ExpectationError} unless the database is one for tests: its name says so, or is the one that the user has named.
 * Never in production.
 */
export async function checkIsForTests(db: Database, named: string | undefined): Promise<void> {
  const [row] = await withDatabaseErrors(() => selectDatabaseName(db))
  const name = row?.name ?? ''
  if (process.env['NODE_ENV'] === 'production') {
    throw new ExpectationError(`Nothing was changed in the database ${JSON.stringify(name)}: NODE_ENV is production.`)
  }
  if (saysForTests(name) || name === named) return
  const option = `{ database: ${JSON.stringify(name)} }`
  throw new ExpectationError(
    `Nothing was changed in the database ${JSON.stringify(name)}, because its name does not say that it is one for tests. Use ` +
      `one that has "test" as a word in its name, such as "orders_test", or pass ${option} if its requests may be lost.`,
  )
}
