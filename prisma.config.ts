import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'prisma/config'

const here = path.dirname(fileURLToPath(import.meta.url))

// Prisma downloads its schema engine, which a network without a way out cannot. The stand-in runs where there
// is none. Windows cannot run a script as a program, so there the download stays the only way.
if (process.platform !== 'win32' && !process.env['PRISMA_MIGRATION_ENGINE_BINARY'] && !downloadedEngine()) {
  process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= path.join(here, 'prisma', 'schema-engine.mjs')
}

export default defineConfig({
  schema: path.join('prisma', 'schema.prisma'),
  migrations: { path: path.join('prisma', 'migrations') },
  datasource: {
    ...fromEnvironment('url', 'DATABASE_URL'),
    ...fromEnvironment('shadowDatabaseUrl', 'SHADOW_DATABASE_URL'),
  },
})

/** Where the CLI itself looks for what `@prisma/engines` has downloaded. */
function downloadedEngine(): boolean {
  const fromPrisma = createRequire(createRequire(import.meta.url).resolve('prisma/package.json'))
  const folder = path.dirname(fromPrisma.resolve('@prisma/engines/package.json'))
  return readdirSync(folder).some((file) => file.startsWith('schema-engine-'))
}

/** Left out when unset: `prisma generate` and `validate` need no database. */
function fromEnvironment(setting: string, variable: string): Record<string, string> {
  const value = process.env[variable]
  return value ? { [setting]: value } : {}
}
