import pg from 'pg'
import {
  authenticationFailed,
  connectionClosed,
  databaseAccessDenied,
  databaseDoesNotExist,
  databaseError,
  databaseNotReachable,
  tlsConnectionError,
} from './errors.mjs'

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'ENOENT',
])
const NO_TLS_OFFERED = 'The server does not support SSL connections'

/**
 * One connection for as long as the engine runs: the advisory lock and the search path belong to the connection,
 * so a pool that opens another one would lose them.
 */
export class Session {
  #client
  #closed = false

  static async open(connection) {
    try {
      return await connectPreferringTls(connection)
    } catch (error) {
      throw connectError(error, connection)
    }
  }

  constructor(client) {
    this.#client = client
    // Without a listener the loss of an idle connection would end the process.
    client.on('error', () => {
      this.#closed = true
    })
    client.on('end', () => {
      this.#closed = true
    })
  }

  get closed() {
    return this.#closed
  }

  query(config) {
    return this.#client.query(config)
  }

  async close() {
    await this.#client.end().catch(() => {})
  }
}

async function connectPreferringTls(connection) {
  try {
    return await connect(connection, connection.tls !== 'disable')
  } catch (error) {
    if (connection.tls !== 'prefer' || error.message !== NO_TLS_OFFERED) throw error
    return connect(connection, false)
  }
}

async function connect(connection, tls) {
  const client = new pg.Client(clientConfig(connection, tls))
  const session = new Session(client)
  try {
    await client.connect()
    await client.query(`SET search_path = ${pg.escapeIdentifier(connection.schema)}`)
    return session
  } catch (error) {
    await session.close()
    throw error
  }
}

function clientConfig(connection, tls) {
  const { host, port, user, password, database } = connection
  return {
    host,
    port,
    user,
    password,
    database,
    ssl: tls ? connection.tlsOptions : false,
    connectionTimeoutMillis: connection.connectTimeoutMs,
    query_timeout: connection.statementTimeoutMs,
    options: connection.startupOptions,
    application_name: connection.applicationName,
  }
}

function connectError(error, connection) {
  // Node tries every address of a host and throws what each of them said.
  const cause = error instanceof AggregateError ? error.errors[0] : error
  if (cause.code === '28P01' || cause.message.startsWith('SASL:')) return authenticationFailed(connection)
  if (cause.code === '28000') return databaseAccessDenied(connection)
  if (cause.code === '3D000') return databaseDoesNotExist(connection)
  if (UNREACHABLE.has(cause.code) || /timeout expired/.test(cause.message)) return databaseNotReachable(connection)
  if (cause.code === 'ECONNRESET' || /^Connection terminated/.test(cause.message)) return connectionClosed()
  if (cause.severity === undefined) return tlsConnectionError(cause.message)
  return databaseError(cause)
}
