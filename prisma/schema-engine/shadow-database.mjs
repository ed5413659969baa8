import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { Adapter } from './adapter.mjs'
import { parseConnectionString } from './connection-string.mjs'
import { EngineError, shadowDatabaseCreationFailed } from './errors.mjs'
import { Session } from './session.mjs'

const SYNTAX_ERROR = '42601'

/** The database that was configured for the purpose. `reset` empties it through the adapter it is given. */
export async function configuredShadowDatabase(shadowUrl, mainUrl, reset) {
  const connection = parseConnectionString(shadowUrl)
  if (mainUrl && isSameDatabase(connection, parseConnectionString(mainUrl))) {
    throw new EngineError(
      'The shadow database you configured appears to be the same as the main database. Please specify another shadow database.',
    )
  }
  const session = await Session.open(connection)
  try {
    // Everything that disposes of the resetting engine would close the session that is still needed.
    await reset(await Adapter.create(session, connection.schema, async () => {}))
    return await Adapter.create(session, connection.schema)
  } catch (error) {
    await session.close()
    throw error
  }
}

/** A database of its own, which is gone when the adapter is disposed of. */
export async function temporaryShadowDatabase(mainSession, mainConnection) {
  const database = `prisma_migrate_shadow_db_${randomUUID()}`
  const name = pg.escapeIdentifier(database)
  await mainSession.query(`CREATE DATABASE ${name}`).catch((error) => {
    throw shadowDatabaseCreationFailed(error)
  })
  const drop = () => dropEvenIfInUse(mainSession, name)
  try {
    const session = await Session.open({ ...mainConnection, database })
    const release = async () => {
      await session.close()
      await drop()
    }
    return await Adapter.create(session, mainConnection.schema, release)
  } catch (error) {
    await drop()
    throw error
  }
}

// A pooler in between keeps its connections to the database longer than we do.
async function dropEvenIfInUse(session, name) {
  try {
    await session.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  } catch (error) {
    // Servers before version 13 do not know FORCE.
    if (error.code !== SYNTAX_ERROR) throw error
    await session.query(`DROP DATABASE IF EXISTS ${name}`)
  }
}

function isSameDatabase(one, other) {
  return ['host', 'port', 'database', 'schema'].every((part) => one[part] === other[part])
}
