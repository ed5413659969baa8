import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { buildSync } from 'esbuild'
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
    [
      path.join(root, 'src/dashboard/embedded-assets.ts'),
      moduleOf({ script: bundle('src/dashboard/client/main.ts'), styles: bundle('src/dashboard/styles/main.css') }),
    ],
    [path.join(root, 'src/runtime/embedded-version.ts'), moduleOf({ version: packageJson.version })],
  ])
}

function read(file: string): string {
  return readFileSync(path.join(root, file), 'utf8')
}

/** A module or a stylesheet with all that it imports, for browsers of the last two years. */
function bundle(file: string): string {
  const [output] = buildSync({
    entryPoints: [path.join(root, file)],
    bundle: true,
    format: 'esm',
    legalComments: 'inline',
    minify: true,
    target: ['chrome123', 'firefox120', 'safari17.5'],
    write: false,
  }).outputFiles
  return output?.text ?? ''
}

function moduleOf(values: Record<string, unknown>): string {
  const exports = Object.entries(values).map(([name, value]) => {
    // Or the text would be its own type, and the declarations would hold it again.
    const type = typeof value === 'string' ? ': string' : ''
    return `export const ${name}${type} = ${JSON.stringify(value, null, 2)}\n`
  })
  return ['// Made by `npm run embed` out of prisma/, src/dashboard/ and package.json.\n', ...exports].join('\n')
}
