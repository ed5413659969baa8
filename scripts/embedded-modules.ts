import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import packageJson from '../package.json' with { type: 'json' }

const root = path.resolve(import.meta.dirname, '..')
const migrations = 'prisma/migrations'

export const schemaFile = path.join(root, 'prisma/schema.prisma')
/** The migration that makes everything, with its comments. */
export const firstMigration = path.join(root, migrations, '20261124000000_requeuest_init/migration.sql')

/**
 * The modules that hold what the package would otherwise have to read from its own files, by where they are kept. Bundlers
 * and test runners move modules away from such files, so nothing may look for them beside itself.
 */
export function embeddedModules(): Map<string, string> {
  const names = readdirSync(path.join(root, migrations)).filter((name) => /^\d/.test(name))
  const folders = names.sort().map((name) => ({ name, sql: read(`${migrations}/${name}/migration.sql`) }))
  return new Map([
    [path.join(root, 'src/store/embedded-migrations.ts'), moduleOf({ embeddedMigrations: folders })],
    [
      path.join(root, 'src/cli/embedded-files.ts'),
      moduleOf({
        schema: read('prisma/schema.prisma'),
        migrationLock: read(`${migrations}/migration_lock.toml`),
      }),
    ],
    [path.join(root, 'src/runtime/embedded-version.ts'), moduleOf({ version: packageJson.version })],
  ])
}

function read(file: string): string {
  return readFileSync(path.join(root, file), 'utf8')
}

function moduleOf(values: Record<string, unknown>): string {
  const exports = Object.entries(values).map(([name, value]) => {
    // Or the text would be its own type, and the declarations would hold it again.
    const type = typeof value === 'string' ? ': string' : ''
    return `export const ${name}${type} = ${JSON.stringify(value, null, 2)}\n`
  })
  return ['// Made by `npm run embed` out of prisma/ and package.json.\n', ...exports].join('\n')
}
