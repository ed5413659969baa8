#!/usr/bin/env node
import { Console } from 'node:console'
import { Command, CommanderError } from 'commander'
import { version } from '../runtime/embedded-version.ts'
import { COMMANDS } from './commands/all.ts'
import { EXIT } from './exit-codes.ts'
import { printJson, say } from './output.ts'

const program = new Command('requeuest')
  .description('Durable HTTP requests in your own Postgres, behind your own Prisma client.')
  .version(version)
  .showHelpAfterError('See --help.')
  .exitOverride()

for (const [heading, commands] of Object.entries(COMMANDS)) {
  program.commandsGroup(heading)
  for (const add of commands) add(program)
}

// The data alone goes to stdout, whatever the app's own code prints while it is loaded and called.
globalThis.console = new Console(process.stderr)

// Code of the app that waits for what never comes would otherwise end this as if all were well.
process.once('beforeExit', () => {
  say('error: The command ended before its work was done: something that it waited for never came.')
  process.exit(EXIT.failed)
})

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
    if (error.exitCode === 0 || !process.argv.includes('--json')) return
    const message = error.message.replace(/^error: /, '')
    const command = process.argv.slice(2).find((word) => !word.startsWith('-')) ?? ''
    printJson({ command, error: { code: 'usage', message } })
  })
  // An interrupted statement, or the pool of the app's own instance, would keep the process up.
  .then(() => process.stdout.write('', () => process.exit()))
