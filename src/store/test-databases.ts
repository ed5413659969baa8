import { RequeuestError, reasonOf } from '../errors.ts'
import { loadProjectPg } from './project-pg.ts'

interface Client {
  connect(): Promise<unknown>
  query(sql: string): Promise<unknown>
  end(): Promise<void>
}

interface Pg {
  Client: new (options: { connectionString: string }) => Client
  escapeIdentifier(name: string): string
}

/** Creates a database as a copy of another one. A name cannot be a parameter, and Prisma takes no text that is put together. */
export function createDatabase(serverUrl: string, name: string, template: string): Promise<void> {
  return runAlone(
    serverUrl,
    ({ escapeIdentifier: quoted }) =>
      `CREATE /* requeuest:createDatabase */ DATABASE ${quoted(name)} TEMPLATE ${quoted(template)}`,
  )
}

/** Drops a database, if it is there, with all connections to it. */
export function dropDatabase(serverUrl: string, name: string): Promise<void> {
  return runAlone(
    serverUrl,
    ({ escapeIdentifier: quoted }) =>
      `DROP /* requeuest:dropDatabase */ DATABASE IF EXISTS ${quoted(name)} WITH (FORCE)`,
  )
}

async function runAlone(serverUrl: string, statement: (pg: Pg) => string): Promise<void> {
  const folder = process.cwd()
  const pg = loadProjectPg<Pg>(folder)
  if (!pg) {
    const message = `The package \`pg\` is not installed in ${folder}: run \`npm install --save-dev pg\`.`
    throw new RequeuestError('database_error', message)
  }
  const client = new pg.Client({ connectionString: serverUrl })
  try {
    await client.connect()
    await client.query(statement(pg))
  } catch (cause) {
    throw new RequeuestError('database_error', `The database refused: ${reasonOf(cause)}`, { cause })
  } finally {
    await client.end()
  }
}
