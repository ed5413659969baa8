import { v4 as uuid } from 'uuid'
import { checkKeys, checkObject } from '../check/check.ts'
import { hidden, InvalidInputError } from '../errors.ts'
import { createDatabase, dropDatabase } from '../store/test-databases.ts'
import { checkDatabaseName } from './guard.ts'

/** Options of {@link createTestDatabase}. */
export interface TestDatabaseOptions {
  /** Connection string of any database of the server, with a role that may create databases. */
  url: string
  /**
   * The name of the database to copy, to which nobody may be connected meanwhile: one that is migrated, so that each test file gets a
   * migrated one in no time. @default 'template1', which is empty
   */
  template?: string
}

/** A database that a test may do with as it likes. */
export interface TestDatabase extends AsyncDisposable {
  /** Its connection string. */
  url: string
  /** Its name, which can be the `template` of others. */
  name: string
  /** Drops it, with all connections to it. */
  drop(): Promise<void>
}

/**
 * Creates a database `test_…` for a test file. Needs the package `pg`, which comes with `@prisma/adapter-pg`.
 *
 * @throws `InvalidInputError`; `RequeuestError` with code `database_error`, if the role may not create databases, the
 *   template is in use or `pg` is not installed
 */
export async function createTestDatabase(options: TestDatabaseOptions): Promise<TestDatabase> {
  checkObject('options', options)
  checkKeys('options', options, ['url', 'template'])
  const { url: serverUrl, template = 'template1' } = options
  if (typeof serverUrl !== 'string' || !URL.canParse(serverUrl)) {
    throw new InvalidInputError('options.url', hidden(serverUrl), 'the connection string of a Postgres server')
  }
  checkDatabaseName('options.template', template)
  const name = `test_${process.pid}_${uuid().slice(0, 8)}`
  await createDatabase(serverUrl, name, template)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  const drop = () => dropDatabase(serverUrl, name)
  return { url: url.href, name, drop, [Symbol.asyncDispose]: drop }
}
