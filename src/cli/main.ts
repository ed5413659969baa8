#!/usr/bin/env node
import { Command } from 'commander'
import { version } from '../runtime/embedded-version.ts'
import { CliError } from './failure.ts'
import { type InitOptions, init } from './init.ts'

const program = new Command('requeuest')
  .description('Durable HTTP requests in your own Postgres, behind your own Prisma client.')
  .version(version)

program
  .command('init')
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
  .action(async (options: InitOptions) => {
    process.stdout.write(await init(process.cwd(), options))
  })

program.parseAsync().catch((error: unknown) => {
  if (!isExplained(error)) throw error
  process.stderr.write(`error: ${error.message}\n`)
  process.exitCode = 1
})

/** What the user can mend, as opposed to a bug, whose stack is wanted. */
function isExplained(error: unknown): error is Error {
  return error instanceof CliError || (error instanceof Error && 'syscall' in error)
}
