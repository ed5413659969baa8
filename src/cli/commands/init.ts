import type { Command } from 'commander'
import { printText } from '../output.ts'
import { run } from '../run.ts'

interface Options {
  schema?: string
  migrations?: string
  databaseSchema?: string
  dryRun?: boolean
}

export function initCommand(program: Command): void {
  const command = program
    .command('init')
    .summary("Add Requeuest's models and migrations to the Prisma project in this folder.")
    .description(
      "Add Requeuest's models and migrations to the Prisma project in this folder. Can be run again at any time, " +
        'also after an upgrade: it adds what is missing and changes nothing else.',
    )
    .option('--schema <path>', 'the schema file or folder, if prisma.config.ts does not name it')
    .option('--migrations <path>', 'the folder of migrations, if prisma.config.ts does not name it')
    .option(
      '--database-schema <name>',
      'the Postgres schema for the tables, of those that the datasource lists (default: public, or the first of them)',
    )
    .option('--dry-run', 'say what would be done, and do nothing')
    .action((options: Options) =>
      run(command, {}, async () => {
        const { init } = await import('../init/init.ts')
        printText((await init(process.cwd(), options)).trimEnd())
        return undefined
      }),
    )
}
