import { PrismaPg } from '@prisma/adapter-pg'
import { ColumnTypeEnum, DriverAdapterError } from '@prisma/driver-adapter-utils'
import { migrationLogs } from './migration-failure.mjs'

// PostgreSQL's internal type "char": its catalogues are full of it, and adapter-pg does not know it.
const CHAR_OID = 18
const TEXT_OID = 25

const ADVISORY_LOCK = 'SELECT pg_advisory_lock(72707369)'
// Invalid text representation and restrict violation: for these adapter-pg has names that the engine does not know.
const UNKNOWN_TO_ENGINE = ['22P02', '23001']
const WRITES_LOGS = /^UPDATE .*"_prisma_migrations" SET "logs" = \$1/

/** The driver adapter of one session. It takes from adapter-pg how values are converted, and nothing else. */
export class Adapter {
  provider = 'postgres'
  adapterName = '@prisma/adapter-pg'
  #session
  #schema
  #converter
  #release
  #released

  /** The script that failed last and the whole error, of which the engine keeps only the message. */
  failure

  static async create(session, schema, release = () => session.close()) {
    const adapter = new Adapter()
    adapter.#session = session
    adapter.#schema = schema
    adapter.#release = release
    // Its own pool stays empty: every query brings the session along.
    adapter.#converter = await new PrismaPg({}).connect()
    return adapter
  }

  async queryRaw(query) {
    const charColumns = []
    const result = await this.#convertingQueries(async (config) => {
      const answer = await this.#run(config)
      for (const [index, field] of answer.fields.entries()) {
        if (field.dataTypeID !== CHAR_OID) continue
        field.dataTypeID = TEXT_OID
        charColumns.push(index)
      }
      return answer
    }).queryRaw(this.#withWholeError(query))
    for (const index of charColumns) result.columnTypes[index] = ColumnTypeEnum.Character
    return result
  }

  async executeRaw(query) {
    if (query.sql === ADVISORY_LOCK && advisoryLockIsOff()) return 0
    return this.#convertingQueries((config) => this.#run(config)).executeRaw(query)
  }

  /** Sent as it is, so that all of it is one transaction. adapter-pg would cut it at every semicolon. */
  async executeScript(script) {
    try {
      await this.#session.query(script)
    } catch (error) {
      if (isFromDatabase(error)) this.failure = { script, error }
      throw this.#passedOn(error)
    }
  }

  startTransaction() {
    throw new Error('The schema engine runs no transactions of its own on PostgreSQL.')
  }

  getConnectionInfo() {
    return { schemaName: this.#schema, supportsRelationJoins: true }
  }

  dispose() {
    this.#released ??= this.#release()
    return this.#released
  }

  #convertingQueries(query) {
    return Object.create(this.#converter, { client: { value: { query } } })
  }

  async #run(config) {
    try {
      return await this.#session.query(config)
    } catch (error) {
      const named = isFromDatabase(error) && !UNKNOWN_TO_ENGINE.includes(error.code)
      throw named ? error : this.#passedOn(error)
    }
  }

  #passedOn(error) {
    const { code = 'N/A', severity = 'ERROR', message } = error
    const lost = !isFromDatabase(error) && this.#session.closed
    return new DriverAdapterError(lost ? { kind: 'ConnectionClosed' } : { kind: 'postgres', code, severity, message })
  }

  #withWholeError(query) {
    if (!this.failure || !WRITES_LOGS.test(query.sql)) return query
    const [logs, ...rest] = query.args
    return { ...query, args: [migrationLogs(logs, this.failure), ...rest] }
  }
}

function isFromDatabase(error) {
  return error.severity !== undefined
}

// The native engine reads this variable itself; WebAssembly has no environment.
function advisoryLockIsOff() {
  return !['', '0'].includes(process.env.PRISMA_SCHEMA_DISABLE_ADVISORY_LOCK ?? '')
}
