import pg from 'pg'
import { parseConnectionString } from './connection-string.mjs'
import {
  databaseAlreadyExists,
  databaseCreationFailed,
  databaseDoesNotExist,
  databaseError,
  EngineError,
} from './errors.mjs'
import { Session } from './session.mjs'

/** The first is there on most servers, the second on all, the third where a provider hides both. */
const ADMIN_DATABASES = ['postgres', 'template1', 'defaultdb']
const NOT_THIS_ONE = ['P1003', 'P1010']
const DUPLICATE_DATABASE = '42P04'
const UNIQUE_VIOLATION = '23505'
const NO_SUCH_DATABASE = '3D000'

export async function canConnect(url) {
  await withSession(parseConnectionString(url), () => {})
}

export async function createDatabase(url) {
  const connection = parseConnectionString(url)
  const name = pg.escapeIdentifier(connection.database)
  await asAdmin(connection, `CREATE DATABASE ${name}`)
  const schema = pg.escapeIdentifier(connection.schema)
  await withSession(connection, (session) => session.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`))
  return connection.database
}

export async function dropDatabase(url) {
  const connection = parseConnectionString(url)
  const name = pg.escapeIdentifier(connection.database)
  await asAdmin(connection, `DROP DATABASE ${name}`)
}

async function asAdmin(connection, statement) {
  for (const database of ADMIN_DATABASES) {
    try {
      return await withSession({ ...connection, database, schema: 'public' }, (session) => session.query(statement))
    } catch (error) {
      if (!(error instanceof EngineError)) throw statementError(error, connection)
      if (!NOT_THIS_ONE.includes(error.errorCode)) throw error
    }
  }
  throw databaseCreationFailed(
    'Prisma could not connect to a default database (`postgres` or `template1`), it cannot create the specified database.',
  )
}

function statementError(error, connection) {
  // A unique violation is what the second of two gets that create a database at the same moment.
  if ([DUPLICATE_DATABASE, UNIQUE_VIOLATION].includes(error.code)) return databaseAlreadyExists(connection)
  if (error.code === NO_SUCH_DATABASE) return databaseDoesNotExist(connection)
  return databaseError(error)
}

async function withSession(connection, work) {
  const session = await Session.open(connection)
  try {
    return await work(session)
  } finally {
    await session.close()
  }
}
