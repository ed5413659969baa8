import type { Requeuest } from '../requeuest.ts'
import type { Database } from '../store/database.ts'
import type { PgClient } from '../store/pg-client.ts'
import { findDatabaseUrl, nameOfDatabase } from './database-url.ts'
import { EXIT } from './exit-codes.ts'
import { CliError } from './failure.ts'
import { say } from './output.ts'
import { loadPg } from './project-pg.ts'
import { schemaInUrl } from './schema-in-url.ts'

/** Options of all commands that need the database. */
export interface DatabaseOptions {
  databaseUrl?: string
  schema?: string
  statementTimeout: number
  json?: true
}

/** What a command has while it runs. */
export interface Session {
  client: PgClient
  db: Database
  requeuest: Requeuest
  /** Of the database, with its password. */
  url: string
  /** Aborted by Ctrl-C. */
  signal: AbortSignal
}

/** Connects to the database, which it names, for as long as `work` runs. */
export async function withSession<T>(
  options: DatabaseOptions,
  signal: AbortSignal,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const folder = process.cwd()
  const found = await findDatabaseUrl(options.databaseUrl, folder)
  say(`Database: ${nameOfDatabase(found)}`)
  const [{ Requeuest }, { Database }, { PgClient }] = await Promise.all([
    import('../requeuest.ts'),
    import('../store/database.ts'),
    import('../store/pg-client.ts'),
  ])
  const client = new PgClient(loadPg(folder), {
    connectionString: found.url,
    statementTimeoutMs: options.statementTimeout,
  })
  try {
    await client.$connect().catch(noConnection)
    const schema = options.schema ?? schemaInUrl(found.url)
    const requeuest = new Requeuest(client, schema === undefined ? {} : { schema })
    return await work({ client, db: new Database(client, schema), requeuest, url: found.url, signal })
  } finally {
    // Otherwise the process would not end.
    await client.$disconnect()
  }
}

function noConnection(error: Error & { code?: string }): never {
  if (error.code === 'ERR_INVALID_URL' || error instanceof URIError) {
    throw new CliError(
      'The URL of the database cannot be read: special characters in the user or password must be percent-encoded, such as # as %23.',
      EXIT.usage,
    )
  }
  // Where a name has several addresses, only the errors within say anything.
  const reason = error.message || error.code
  throw new CliError(`There is no connection to the database: ${reason}`, EXIT.noConnection)
}
