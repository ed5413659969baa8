import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { checkKeys, checkObject } from '../check/check.ts'
import { InvalidInputError, RequeuestError } from '../errors.ts'
import type { Database } from '../store/database.ts'
import { withDatabaseErrors } from '../store/db.ts'
import { embeddedMigrations } from '../store/embedded-migrations.ts'
import { findMigrationTarget, type MigrationTarget } from '../store/home-finder.ts'
import { applyMigration, type Migration, readAppliedMigrations } from '../store/migrations.ts'

/** Options of {@link Requeuest.migrate}. */
export interface MigrateOptions {
  /**
   * The project's own migrations, which may contain copies that `requeuest init` made under other timestamps.
   * @default './prisma/migrations', if there is one
   */
  directory?: string
}

/**
 * Applies the migrations of this package that the database lacks, with the same rows in `_prisma_migrations`
 * as `prisma migrate deploy`, so that either can run after the other. Any number of processes may call it at once. The
 * tables are created in the schema of Prisma's models.
 */
export async function migrate(db: Database, options: MigrateOptions = {}): Promise<{ applied: string[] }> {
  const { target, missing } = await plan(db, options)
  const applied: string[] = []
  for (const migration of missing) {
    const result = await applyMigration(db.client, target, migration)
    if (result.failed.length > 0) throw unresolved(result.failed)
    if (result.applied) applied.push(migration.name)
  }
  return { applied }
}

/** The migrations that {@link migrate} would apply, oldest first. */
export async function missingMigrations(db: Database, options: MigrateOptions = {}): Promise<Migration[]> {
  return (await plan(db, options)).missing
}

async function plan(db: Database, options: MigrateOptions): Promise<{ target: MigrationTarget; missing: Migration[] }> {
  checkObject('options', options)
  checkKeys('options', options, ['directory'])
  const copies = projectMigrations(options.directory)
  const target = await withDatabaseErrors(() => findMigrationTarget(db.client, db.told))
  const before = await readAppliedMigrations(db.client, target)
  const missing = packagedMigrations().flatMap((packaged) => {
    const migration = copies.find((copy) => isCopyOf(packaged, copy)) ?? packaged
    const checksums = [packaged.checksum, migration.checksum]
    const isApplied = before.some(
      (row) => checksums.includes(row.checksum) || withoutStamp(row.name) === packaged.suffix,
    )
    return isApplied ? [] : [migration]
  })
  return { target, missing }
}

/** The migrations of this package, oldest first. */
export function packagedMigrations(): Migration[] {
  return embeddedMigrations.map(({ name, sql }) => toMigration(name, Buffer.from(sql)))
}

/** Whether a project's migration does what a packaged one does. `requeuest init` may have put something in front of it. */
export function isCopyOf(packaged: Migration, other: Migration): boolean {
  return other.suffix === packaged.suffix || other.sql.endsWith(packaged.sql)
}

/** The migrations in a folder, oldest first. */
export function readMigrations(folder: string): Migration[] {
  return migrationNames(folder).map((name) => toMigration(name, readFileSync(path.join(folder, name, 'migration.sql'))))
}

function toMigration(name: string, file: Buffer): Migration {
  const checksum = createHash('sha256').update(file).digest('hex')
  return { name, suffix: withoutStamp(name), checksum, sql: file.toString() }
}

function projectMigrations(directory: string | undefined): Migration[] {
  const folder = String(directory ?? path.join('prisma', 'migrations'))
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return readMigrations(folder)
  if (directory === undefined) return []
  throw new InvalidInputError('options.directory', directory, 'a folder of Prisma migrations that exists')
}

function migrationNames(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => existsSync(path.join(folder, name, 'migration.sql')))
    .sort()
}

function withoutStamp(name: string): string {
  return name.replace(/^\d+_/, '')
}

function unresolved(names: string[]): RequeuestError {
  const list = names.map((name) => `"${name}"`).join(', ')
  return new RequeuestError(
    'not_migrated',
    `Nothing was migrated, because an earlier migration failed: ${list}. Repair what it left behind, then run ` +
      `\`prisma migrate resolve --rolled-back ${names[0]}\` (or \`--applied\`) and try again.`,
  )
}
