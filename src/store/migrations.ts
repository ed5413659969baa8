import { PATIENCE, type PrismaClientLike, withDatabaseErrors } from './db.ts'
import type { MigrationTarget } from './home-finder.ts'

/** One migration: a folder of `prisma/migrations`. */
export interface Migration {
  /** The folder's name, `20261124000000_requeuest_init`. Only the time stamp may differ between projects. */
  name: string
  /** The name without its time stamp. */
  suffix: string
  /** SHA-256 of the file in hex, as Prisma records it. */
  checksum: string
  sql: string
}

/** Names and checksums of the migrations that stand as applied; empty when nothing was ever migrated. */
export async function readAppliedMigrations(
  db: PrismaClientLike,
  { history }: MigrationTarget,
): Promise<Omit<Migration, 'sql' | 'suffix'>[]> {
  return withDatabaseErrors(async () => {
    const [, tables] = await db.$transaction(
      [
        lookIn(db, history),
        db.$queryRaw`SELECT /* requeuest:readAppliedMigrations */ to_regclass('_prisma_migrations') IS NOT NULL AS "exists"`,
      ],
      PATIENCE,
    )
    const [table] = tables as { exists: boolean }[]
    if (!table?.exists) return []
    const [, rows] = await db.$transaction(
      [
        lookIn(db, history),
        db.$queryRaw`
        SELECT /* requeuest:readAppliedMigrations */ migration_name AS "name", checksum FROM _prisma_migrations
        WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
      ],
      PATIENCE,
    )
    return rows as { name: string; checksum: string }[]
  })
}

/** Until the transaction ends, names without a schema mean this one. */
function lookIn(db: PrismaClientLike, schema: string) {
  return db.$queryRaw<
    unknown[]
  >`SELECT /* requeuest:lookIn */ set_config('search_path', quote_ident(${schema}::text), true)`
}

/** Waiting for another process and the migration itself may take longer than Prisma's 5 s. */
const TIMEOUT_MS = 600_000

/**
 * Applies a migration and records it as `prisma migrate deploy` does, or does nothing if somebody else was
 * faster or an earlier migration stands as failed.
 */
export async function applyMigration(
  db: PrismaClientLike,
  { schema, history }: MigrationTarget,
  { name, suffix, checksum, sql }: Migration,
): Promise<{ applied: boolean; failed: string[] }> {
  const results = await withDatabaseErrors(() =>
    db.$transaction(
      [
        db.$queryRaw`
          SELECT /* requeuest:applyMigration */ set_config('search_path', quote_ident(${history}::text), true), set_config('statement_timeout', '0', true),
            set_config('lock_timeout', '0', true), set_config('requeuest.schema', ${schema}::text, true), set_config('requeuest.history', ${history}::text, true)`,
        // The key of Prisma's own migrations, so that they wait for this one and the other way round.
        db.$executeRaw`SELECT /* requeuest:applyMigration */ pg_advisory_xact_lock(72707369)`,
        makeSchemas(db),
        db.$executeRaw`
          CREATE /* requeuest:applyMigration */ TABLE IF NOT EXISTS _prisma_migrations (
            id VARCHAR(36) PRIMARY KEY NOT NULL,
            checksum VARCHAR(64) NOT NULL,
            finished_at TIMESTAMPTZ,
            migration_name VARCHAR(255) NOT NULL,
            logs TEXT,
            rolled_back_at TIMESTAMPTZ,
            started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
            applied_steps_count INTEGER NOT NULL DEFAULT 0
          )`,
        db.$queryRaw`
          SELECT /* requeuest:applyMigration */ migration_name AS "name" FROM _prisma_migrations
          WHERE finished_at IS NULL AND rolled_back_at IS NULL`,
        // A DO block takes no parameters, so what it has to know goes through a setting of this transaction.
        db.$executeRaw`
          SELECT /* requeuest:applyMigration */ set_config('requeuest.migrate', (NOT EXISTS (
            SELECT FROM _prisma_migrations
            WHERE rolled_back_at IS NULL AND (
              finished_at IS NULL
              OR checksum = ${checksum}
              OR regexp_replace(migration_name, '^[0-9]+_', '') = ${suffix})
          ))::text, true)`,
        db.$executeRaw(asOneStatement(sql)),
        db.$executeRaw`
          INSERT /* requeuest:applyMigration */ INTO _prisma_migrations (id, checksum, finished_at, migration_name, started_at, applied_steps_count)
          SELECT gen_random_uuid()::text, ${checksum}, clock_timestamp(), ${name}, now(), 1
          WHERE current_setting('requeuest.migrate')::boolean`,
      ],
      // In a database that defaults to REPEATABLE READ the snapshot would be older than the lock.
      { timeout: TIMEOUT_MS, isolationLevel: 'ReadCommitted' },
    ),
  )
  const failed = results[4] as { name: string }[]
  return { applied: results[7] === 1, failed: failed.map((row) => row.name) }
}

/** Makes the schemas that are missing. Whoever may not make any has them already. */
function makeSchemas(db: PrismaClientLike) {
  return db.$executeRaw`
    DO /* requeuest:makeSchemas */ $$
    DECLARE
      missing text;
    BEGIN
      FOREACH missing IN ARRAY ARRAY[current_setting('requeuest.schema'), current_setting('requeuest.history')] LOOP
        IF to_regnamespace(quote_ident(missing)) IS NULL THEN EXECUTE format('CREATE SCHEMA %I', missing); END IF;
      END LOOP;
    END $$`
}

/** Named prepared statements, which some adapters use, refuse several statements at once. A DO block is one. */
function asOneStatement(sql: string): TemplateStringsArray {
  const text = `DO /* requeuest:applyMigration */ $requeuest_migration$
DECLARE
  history text := current_setting('search_path');
BEGIN
IF current_setting('requeuest.migrate')::boolean THEN
  PERFORM set_config('search_path', quote_ident(current_setting('requeuest.schema')), true);
${sql}
  PERFORM set_config('search_path', history, true);
END IF;
END $requeuest_migration$`
  return Object.assign([text], { raw: [text] })
}
