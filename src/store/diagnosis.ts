import type { PrismaTransactionLike } from './db.ts'
import { textList } from './lists.ts'

/** What the server says of itself and of this session. */
export interface ServerRow {
  versionName: string
  nowMs: number
  connections: number
  maxConnections: number
  /** Null for no limit. */
  roleLimit: number | null
}

export function selectServer(db: PrismaTransactionLike) {
  return db.$queryRaw<ServerRow[]>`
    SELECT /* requeuest:selectServer */ current_setting('server_version') AS "versionName",
      (extract(epoch FROM statement_timestamp()) * 1000)::float8 AS "nowMs",
      (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
      current_setting('max_connections')::int AS "maxConnections",
      (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user) AS "roleLimit"`
}

/** Names of what the migrations make. */
export interface ObjectNames {
  /** `table.column` */
  columns: readonly string[]
  indexes: readonly string[]
  functions: readonly string[]
  /** `table.trigger` */
  triggers: readonly string[]
}

/** Those of the named objects that the schema lacks, or that are there but invalid or disabled. */
export function findMissingObjects(db: PrismaTransactionLike, schema: string, names: ObjectNames) {
  return db.$queryRaw<{ kind: string; name: string }[]>`
    WITH /* requeuest:findMissingObjects */ home AS (SELECT to_regnamespace(quote_ident(${schema}::text))::oid AS oid)
    SELECT 'column' AS kind, name FROM unnest(${textList(names.columns)}::text[]) AS name
    WHERE NOT EXISTS (
      SELECT 1 FROM home JOIN pg_class ON relnamespace = home.oid JOIN pg_attribute ON attrelid = pg_class.oid
      WHERE relname || '.' || attname = name AND attnum > 0 AND NOT attisdropped)
    UNION ALL
    SELECT 'index', name FROM unnest(${textList(names.indexes)}::text[]) AS name
    WHERE NOT EXISTS (
      SELECT 1 FROM home JOIN pg_class ON relnamespace = home.oid JOIN pg_index ON indexrelid = pg_class.oid
      WHERE relname = name AND indisvalid)
    UNION ALL
    SELECT 'function', name FROM unnest(${textList(names.functions)}::text[]) AS name
    WHERE NOT EXISTS (SELECT 1 FROM home JOIN pg_proc ON pronamespace = home.oid WHERE proname = name)
    UNION ALL
    SELECT 'trigger', name FROM unnest(${textList(names.triggers)}::text[]) AS name
    WHERE NOT EXISTS (
      SELECT 1 FROM home JOIN pg_class ON relnamespace = home.oid JOIN pg_trigger ON tgrelid = pg_class.oid
      WHERE relname || '.' || tgname = name AND tgenabled <> 'D')`
}

export interface TransactionRow {
  pid: number
  state: string
  ageMs: number
  application: string
}

/** The oldest transactions of this database: idle ones, and those at work for long. */
export function findOldTransactions(db: PrismaTransactionLike, idleMs: number, activeMs: number) {
  return db.$queryRaw<TransactionRow[]>`
    SELECT /* requeuest:findOldTransactions */ pid, state, age AS "ageMs", application FROM (
      SELECT pid, state, (extract(epoch FROM clock_timestamp() - xact_start) * 1000)::float8 AS age, application_name AS application
      FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
        AND backend_type = 'client backend') AS running
    WHERE age >= CASE WHEN state LIKE 'idle in transaction%' THEN ${idleMs}::float8 ELSE ${activeMs}::float8 END
    ORDER BY age DESC LIMIT 5`
}

export interface TableRow {
  name: string
  live: number
  dead: number
  bytes: number
  vacuumedMsAgo: number | null
  isAutovacuumed: boolean
}

/** What the statistics say of the tables. */
export function selectTableHealth(db: PrismaTransactionLike, schema: string) {
  return db.$queryRaw<TableRow[]>`
    SELECT /* requeuest:selectTableHealth */ stats.relname::text AS name, n_live_tup::float8 AS live, n_dead_tup::float8 AS dead,
      pg_total_relation_size(relid)::float8 AS bytes,
      (extract(epoch FROM clock_timestamp() - greatest(last_vacuum, last_autovacuum)) * 1000)::float8 AS "vacuumedMsAgo",
      current_setting('autovacuum')::boolean AND NOT coalesce('autovacuum_enabled=false' = ANY (reloptions), false) AS "isAutovacuumed"
    FROM pg_stat_user_tables AS stats JOIN pg_class ON pg_class.oid = relid
    WHERE schemaname = ${schema} AND starts_with(stats.relname, 'requeuest_') ORDER BY 1`
}

/** How many claims are past their lease by more than `graceMs`, up to `limit`, and the oldest of them. */
export function countExpiredClaims(db: PrismaTransactionLike, graceMs: number, limit: number) {
  return db.$queryRaw<{ count: number; oldestMs: number | null }[]>`
    SELECT /* requeuest:countExpiredClaims */ count(*)::int AS count,
      (extract(epoch FROM statement_timestamp() - min(lease_until)) * 1000)::float8 AS "oldestMs"
    FROM (
      SELECT lease_until FROM requeuest_request
      WHERE state = 'claimed' AND lease_until < statement_timestamp() - ${graceMs}::float8 * interval '1 millisecond'
      ORDER BY lease_until LIMIT ${limit}) AS expired`
}

/** The ids of the keys that requests, attempts and schedules are encrypted with: one probe of an index a key. */
export function selectKeysInUse(db: PrismaTransactionLike) {
  return db.$queryRaw<{ key: string }[]>`
    WITH /* requeuest:selectKeysInUse */ RECURSIVE of_request (key) AS (
      (SELECT encryption_key FROM requeuest_request WHERE encryption_key IS NOT NULL ORDER BY encryption_key LIMIT 1)
      UNION ALL
      SELECT (SELECT encryption_key FROM requeuest_request WHERE encryption_key > of_request.key ORDER BY encryption_key LIMIT 1)
      FROM of_request WHERE key IS NOT NULL
    ), of_attempt (key) AS (
      (SELECT encryption_key FROM requeuest_attempt WHERE encryption_key IS NOT NULL ORDER BY encryption_key LIMIT 1)
      UNION ALL
      SELECT (SELECT encryption_key FROM requeuest_attempt WHERE encryption_key > of_attempt.key ORDER BY encryption_key LIMIT 1)
      FROM of_attempt WHERE key IS NOT NULL
    )
    SELECT key FROM of_request WHERE key IS NOT NULL
    UNION SELECT key FROM of_attempt WHERE key IS NOT NULL
    UNION SELECT encryption_key FROM requeuest_schedule WHERE encryption_key IS NOT NULL
    ORDER BY 1`
}
