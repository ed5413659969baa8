#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { version } from '../runtime/embedded-version.ts'
import { COMMANDS } from './commands/all.ts'
import { EXIT } from './exit-codes.ts'

const program = new Command('requeuest')
  .description('Durable HTTP requests in your own Postgres, behind your own Prisma client.')
  .version(version)
  .showHelpAfterError('See --help.')
  .exitOverride()

for (const [heading, commands] of Object.entries(COMMANDS)) {
  program.commandsGroup(heading)
  for (const add of commands) add(program)
}

// Whoever reads may have seen enough, as `head` has.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

program
  .parseAsync()
  .catch((error: unknown) => {
    if (!(error instanceof CommanderError)) throw error
    // Commander has said what is wrong, or printed what was asked for.
    process.exitCode = error.exitCode === 0 ? EXIT.fine : EXIT.usage
  })
  // An interrupted statement, or the pool of the app's own instance, would keep the process up.
  .then(() => process.stdout.write('', () => process.exit()))
