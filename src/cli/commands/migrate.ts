import type { Command } from 'commander'
import { onDatabase } from '../database-command.ts'
import { count } from '../output.ts'

interface Options {
  dryRun?: true
  migrations?: string
}

export function migrateCommand(program: Command): void {
  const command = program
    .command('migrate')
    .description("Apply Requeuest's migrations that the database lacks, as `prisma migrate deploy` would.")
    .option('--dry-run', 'only list them')
    .option('--migrations <path>', "the project's own migrations (default: prisma/migrations)")
  onDatabase<Options>(command, async ({ db, requeuest }, { dryRun, migrations: directory }) => {
    const options = directory === undefined ? {} : { directory }
    if (dryRun) {
      const { missingMigrations } = await import('../../instance/migrate.ts')
      const missing = (await missingMigrations(db, options)).map(({ name }) => name)
      return { data: { missing }, text: () => listOf('Dry run: would apply', missing) }
    }
    const { applied } = await requeuest.migrate(options)
    return { data: { applied }, text: () => listOf('Applied', applied) }
  })
}

function listOf(verb: string, names: readonly string[]): string {
  if (names.length === 0) return 'Nothing to do: the database has all migrations.'
  return [`${verb} ${count(names.length, 'migration')}:`, ...names.map((name) => `  ${name}`)].join('\n')
}
