/** An error with the code and the wording of the native engine, safe to show: it never holds a password. */
export class EngineError extends Error {
  constructor(message, errorCode, meta) {
    super(message)
    this.errorCode = errorCode
    this.meta = meta
  }
}

export const databaseError = ({ severity, message }) => new EngineError(`${severity}: ${message}`)

export const authenticationFailed = ({ user, host }) =>
  new EngineError(
    `Authentication failed against database server at \`${host}\`, the provided database credentials for \`${user}\` are not valid.\n\nPlease make sure to provide valid database credentials for the database server at \`${host}\`.`,
    'P1000',
    { database_user: user, database_host: host },
  )

export const databaseNotReachable = ({ host, port }) =>
  new EngineError(
    `Can't reach database server at \`${host}\`:\`${port}\`\n\nPlease make sure your database server is running at \`${host}\`:\`${port}\`.`,
    'P1001',
    { database_host: host, database_port: port },
  )

export const databaseDoesNotExist = ({ database, host, port }) =>
  new EngineError(`Database \`${database}\` does not exist on the database server at \`${host}:${port}\`.`, 'P1003', {
    database_name: database,
    database_host: host,
    database_port: port,
  })

export const databaseAlreadyExists = ({ database, host, port }) =>
  new EngineError(`Database \`${database}\` already exists on the database server at \`${host}:${port}\``, 'P1009', {
    database_name: database,
    database_host: host,
    database_port: port,
  })

export const databaseAccessDenied = ({ user, database, schema }) =>
  new EngineError(`User \`${user}\` was denied access on the database \`${database}.${schema}\``, 'P1010', {
    database_user: user,
    database_name: `${database}.${schema}`,
  })

export const tlsConnectionError = (message) =>
  new EngineError(`Error opening a TLS connection: ${message}`, 'P1011', { message })

export const invalidConnectionString = (details) =>
  new EngineError(`The provided database string is invalid. ${details}`, 'P1013', { details })

export const connectionClosed = () => new EngineError('Server has closed the connection.', 'P1017')

export const databaseCreationFailed = (reason) =>
  new EngineError(`Failed to create database: ${reason}`, 'P3000', { database_error: reason })

export const shadowDatabaseCreationFailed = ({ severity = 'ERROR', message }) =>
  new EngineError(
    `Prisma Migrate could not create the shadow database. Please make sure the database user has permission to create databases. Read more about the shadow database (and workarounds) at https://pris.ly/d/migrate-shadow\n\nOriginal error: \n${severity}: ${message}`,
    'P3014',
  )

export const migrationFailed = (name, databaseErrorCode, databaseError) =>
  new EngineError(
    `A migration failed to apply. New migrations cannot be applied before the error is recovered from. Read more about how to resolve migration issues in a production database: https://pris.ly/d/migrate-resolve\n\nMigration name: ${name}\n\nDatabase error code: ${databaseErrorCode}\n\nDatabase error:\n${databaseError}\n`,
    'P3018',
    { migration_name: name, database_error_code: databaseErrorCode, database_error: databaseError },
  )

export const missingUrl = () =>
  new EngineError('The `datasource.url` property is required in your Prisma config file.', 'P1012')

export const missingShadowUrl = () =>
  new EngineError(
    'A migrations directory is compared by applying it to a shadow database: set `datasource.shadowDatabaseUrl` in your Prisma config file.',
  )
