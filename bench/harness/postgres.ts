import { readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { asAdmin, createDatabase } from '../../test/support/databases.ts'
import { startPostgres } from '../../test/support/postgres.ts'
import type { CpuByProcess } from './busy.ts'
import { ownCpuSeconds, processCpuSeconds } from './proc.ts'
import { StatementLog } from './statement-log.ts'

/**
 * The same for every system. Nothing is made faster than it is safe. A checkpoint would fall into one system's turn and
 * not into another's, so none comes by itself while a run lasts; what a statement took can be told from the log.
 */
const SETTINGS = {
  fsync: 'on',
  synchronous_commit: 'on',
  max_connections: '200',
  shared_buffers: '512MB',
  checkpoint_timeout: '1h',
  max_wal_size: '8GB',
  log_line_prefix: '%p %d ',
  log_parameter_max_length: '0',
}

const LOOK_MS = 10

/** The database server of a bench. */
export interface Server extends AsyncDisposable {
  version: string
  statements: StatementLog
  /** A new database; `logged` when its statements are to be timed. */
  createDatabase(logged: boolean): Promise<string>
  dropDatabase(url: string): Promise<void>
  /** CPU of the server and all that it ever started, in seconds; null where that cannot be told. */
  cpuSeconds(): number | null
  /** CPU seconds of each connection's process, by its id. */
  connectionsCpu(): Promise<CpuByProcess>
  /** Transactions of a database that its connections have told of: they do so once a second at most, and when they end. */
  transactions(url: string): Promise<number>
  /** Resolves when nobody is connected to a database any more. */
  left(url: string): Promise<void>
  /** Bytes of write-ahead log since the server began. */
  walBytes(): Promise<number>
}

export async function startServer(): Promise<Server> {
  const statements = new StatementLog()
  const postgres = await startPostgres(SETTINGS, (line) => statements.read(line))
  const admin = new pg.Client(postgres.url)
  await admin.connect()
  const one = async (sql: string) => Object.values((await admin.query(sql)).rows[0])[0]
  const [pid] = readFileSync(path.join(postgres.dataDir, 'postmaster.pid'), 'utf8').split('\n')
  let databases = 0
  return {
    version: String(await one('SHOW server_version')),
    statements,
    async createDatabase(logged) {
      const url = await createDatabase(postgres.url, `bench_${databases++}`)
      if (logged)
        await asAdmin(url, (client) =>
          client.query(`ALTER ROLE CURRENT_USER IN DATABASE ${nameOf(url)} SET log_min_duration_statement = 0`),
        )
      return url
    },
    async dropDatabase(url) {
      await admin.query(`DROP DATABASE ${nameOf(url)} WITH (FORCE)`)
    },
    cpuSeconds: () => processCpuSeconds(Number(pid)),
    async connectionsCpu() {
      const { rows } = await admin.query(
        "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
      )
      return new Map(rows.map(({ pid }) => [pid, ownCpuSeconds(pid) ?? 0]))
    },
    async transactions(url) {
      const counted = `SELECT xact_commit FROM pg_stat_database WHERE datname = ${pg.escapeLiteral(nameIn(url))}`
      return Number(await one(counted))
    },
    async left(url) {
      const connected = `SELECT count(*) FROM pg_stat_activity WHERE datname = ${pg.escapeLiteral(nameIn(url))}`
      while (Number(await one(connected)) > 0) await sleep(LOOK_MS)
    },
    walBytes: async () => Number(await one("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')")),
    async [Symbol.asyncDispose]() {
      await admin.end()
      await postgres.stop()
    },
  }
}

function nameOf(url: string): string {
  return pg.escapeIdentifier(nameIn(url))
}

function nameIn(url: string): string {
  return new URL(url).pathname.slice(1)
}
