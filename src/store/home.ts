import type { PrismaTransactionLike } from './db.ts'

/** A setting that our statements need otherwise than the session has it. */
export interface Setting {
  name: string
  ours: string
  theirs: string
}

/** Where the tables are, and what the sessions of a client are like. */
export interface Home {
  schema: string
  /** Empty for nearly everybody. */
  settings: readonly Setting[]
  /** What a transaction of its own is by default. */
  isReadCommitted: boolean
}

/** What a session says of itself. */
export interface SessionRow {
  version: number
  versionName: string
  /** Where Prisma has just looked for requests, if it has. */
  usedIn: string[]
  /** Where the session's search_path leads. */
  visibleIn: string | null
  /** The schemas that have such a table. */
  existsIn: string[]
  currentSchema: string | null
  isolation: string
  settings: Record<string, string>
}

/** To be run in the transaction in which Prisma has asked for requests: what it asked is locked until that ends. */
export function describeHome(db: PrismaTransactionLike) {
  return db.$queryRaw<SessionRow[]>`
    WITH /* requeuest:describeHome */ found AS (
      SELECT pg_class.oid, nspname::text AS schema FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
      WHERE relname = 'requeuest_request' AND relkind IN ('r', 'p'))
    SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS "versionName",
      ARRAY(SELECT schema FROM found WHERE oid IN (
        SELECT relation FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation' AND granted)) AS "usedIn",
      (SELECT schema FROM found WHERE oid = to_regclass('requeuest_request')) AS "visibleIn",
      ARRAY(SELECT schema FROM found ORDER BY schema) AS "existsIn",
      current_schema()::text AS "currentSchema",
      current_setting('default_transaction_isolation') AS isolation,
      (SELECT json_object_agg(name, setting) FROM pg_settings WHERE name IN (
        'array_nulls', 'extra_float_digits', 'statement_timeout', 'lock_timeout', 'transaction_timeout')) AS settings`
}

/** Sets settings until the transaction ends. */
export function applySettings(db: PrismaTransactionLike, settings: readonly Setting[], whose: 'ours' | 'theirs') {
  const values = Object.fromEntries(settings.map((setting) => [setting.name, setting[whose]]))
  return db.$queryRaw<unknown[]>`
    SELECT /* requeuest:applySettings */ set_config(key, value, true) FROM json_each_text(${JSON.stringify(values)}::text::json)`
}

interface Delegate {
  findFirst(query: object): PromiseLike<unknown>
}

interface DataModel {
  models?: Record<string, { dbName?: string | null; schema?: string | null }>
}

/** What the user calls the model of requests, and the schema that it names, if it names one. */
export function modelOf(client: PrismaTransactionLike): { name: string; schema: string | null } {
  const { _runtimeDataModel: dataModel } = client as { _runtimeDataModel?: DataModel }
  const named = Object.entries(dataModel?.models ?? {}).find(([, { dbName }]) => dbName === 'requeuest_request')
  return { name: named?.[0] ?? 'HttpRequest', schema: named?.[1].schema ?? null }
}

/** The client's own access to the table of requests; none in a client without that model. */
export function requestsOf(client: PrismaTransactionLike): Delegate | undefined {
  const model = modelOf(client).name
  const delegate = (client as unknown as Record<string, Partial<Delegate> | undefined>)[
    model.slice(0, 1).toLowerCase() + model.slice(1)
  ]
  return typeof delegate?.findFirst === 'function' ? (delegate as Delegate) : undefined
}

/** A query that finds nothing, so that it costs nothing. */
export const NOTHING = { where: { OR: [] } }
