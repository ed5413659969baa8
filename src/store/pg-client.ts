import type { PrismaClientLike, PrismaStatement, PrismaTransactionLike, TransactionOptions } from './db.ts'
import { type PgConnection, type PgStatement, PgStatements, type PgTypes } from './pg-statement.ts'

/** As much of the package `pg` as is needed. */
export interface Pg {
  Pool: new (
    config: object,
  ) => {
    connect(): Promise<PgConnection>
    on(event: 'error', listener: () => void): unknown
    end(): Promise<void>
  }
  types: PgTypes
}

interface PgClientOptions {
  connectionString: string
  /** How long a statement may take; 0 for no limit. */
  statementTimeoutMs: number
}

/** How a pooler between this machine and the server shares its connections; null if there is none. */
export type PoolerMode = 'transaction' | 'session' | null

/** Others may take the connection that was free just now. */
const POOLER_ROUNDS = 5
const CONNECTIONS = 3
const CONNECT_MS = 10_000
const INT8 = 20

/**
 * What the library needs of a Prisma client, upon `pg` alone, for a program that has no generated client. Statements, values and
 * errors are like those of Prisma's adapter. Each statement runs in a transaction, where its timeout holds behind a pooler as well.
 */
export class PgClient implements PrismaClientLike {
  /** As in {@link PgClientOptions}; the library keeps to it instead of its own limit. */
  readonly statementTimeoutMs: number
  readonly #pool: InstanceType<Pg['Pool']>
  readonly #types: PgTypes
  readonly #alone: PgStatements

  constructor({ Pool, types }: Pg, { connectionString, statementTimeoutMs }: PgClientOptions) {
    this.statementTimeoutMs = statementTimeoutMs
    this.#types = {
      getTypeParser: (oid, format) => (oid === INT8 ? BigInt : types.getTypeParser(oid, format)),
    }
    this.#alone = new PgStatements(this.#types, (statement) =>
      this.#run(undefined, (connection) => statement.runOn(connection)),
    )
    this.#pool = new Pool({
      connectionString,
      max: CONNECTIONS,
      connectionTimeoutMillis: CONNECT_MS,
      application_name: 'requeuest',
    })
    // Whoever asks next finds out that an idle connection was lost.
    this.#pool.on('error', ignore)
  }

  $queryRaw<T>(query: TemplateStringsArray, ...values: unknown[]): PrismaStatement<T> {
    return this.#alone.$queryRaw<T>(query, ...values)
  }

  $executeRaw(query: TemplateStringsArray, ...values: unknown[]): PrismaStatement<number> {
    return this.#alone.$executeRaw(query, ...values)
  }

  $transaction(statements: PrismaStatement<unknown>[], options?: TransactionOptions): Promise<unknown[]>
  $transaction<R>(work: (tx: PrismaTransactionLike) => Promise<R>, options?: TransactionOptions): Promise<R>
  $transaction<R>(
    work: PrismaStatement<unknown>[] | ((tx: PrismaTransactionLike) => Promise<R>),
    { isolationLevel }: TransactionOptions = {},
  ): Promise<unknown[] | R> {
    return this.#run<unknown[] | R>(isolationLevel, async (connection) => {
      if (typeof work === 'function') {
        return work(new PgStatements(this.#types, (statement) => statement.runOn(connection)))
      }
      const results: unknown[] = []
      for (const statement of work as PgStatement<unknown>[]) results.push(await statement.runOn(connection))
      return results
    })
  }

  async $connect(): Promise<void> {
    const connection = await this.#pool.connect()
    connection.release()
  }

  /** Who stands between gives connections process ids of his own; where he shares the server's, two of them meet one process. */
  pooler(): Promise<PoolerMode> {
    return this.#hold(async (one) => {
      if ((await pidOf(one)) === one.processID) return null
      return this.#hold(async (other) => {
        for (let round = 0; round < POOLER_ROUNDS; round++) {
          if ((await pidOf(one)) === (await pidOf(other))) return 'transaction'
        }
        return 'session'
      })
    })
  }

  /** Closes all connections. */
  $disconnect(): Promise<void> {
    return this.#pool.end()
  }

  #run<R>(isolation: TransactionOptions['isolationLevel'], work: (connection: PgConnection) => Promise<R>): Promise<R> {
    return this.#hold(async (connection) => {
      const level = isolation ? ` ISOLATION LEVEL ${LEVELS[isolation]}` : ''
      await connection.query(`BEGIN${level}; SET LOCAL statement_timeout = ${this.statementTimeoutMs}`)
      const result = await work(connection)
      await connection.query('COMMIT')
      return result
    })
  }

  async #hold<R>(work: (connection: PgConnection) => Promise<R>): Promise<R> {
    const connection = await this.#pool.connect()
    // Without a listener, a connection that is lost between two statements would end the process.
    connection.on('error', ignore)
    try {
      const result = await work(connection)
      connection.off('error', ignore)
      connection.release()
      return result
    } catch (error) {
      // The server ends the transaction with the connection, whatever state it is in.
      connection.release(true)
      throw asPrismaError(error)
    }
  }
}

async function pidOf(connection: PgConnection): Promise<number> {
  const { rows } = await connection.query('SELECT /* requeuest:pidOf */ pg_backend_pid() AS pid')
  return (rows as { pid: number }[])[0]?.pid ?? 0
}

const ignore = () => {}

const LEVELS = { ReadCommitted: 'READ COMMITTED', RepeatableRead: 'REPEATABLE READ' }

/** What Postgres refuses, in the shape in which Prisma reports it. */
function asPrismaError(error: unknown): unknown {
  const { severity, code, message, detail } = Object(error) as Record<string, unknown>
  if (typeof severity !== 'string') return error
  const cause = { originalCode: code, originalMessage: message, detail }
  return Object.assign(new Error(String(message)), { code: 'P2010', meta: { driverAdapterError: { cause } } })
}
