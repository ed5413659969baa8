import { type Command, InvalidArgumentError, Option } from 'commander'
import { parseDuration } from '../check/duration.ts'
import type { Outcome } from './output.ts'
import { run } from './run.ts'
import { type DatabaseOptions, type Session, withSession } from './session.ts'

/**
 * Gives a command the options of the database, and what it does there.
 *
 * @param work - gets the command's options and arguments; returns what to print, unless it has printed everything
 */
export function onDatabase<Options, Args extends unknown[] = []>(
  command: Command,
  work: (session: Session, options: Options & DatabaseOptions, ...args: Args) => Promise<Outcome | undefined>,
): void {
  withDatabaseOptions(command).action(async () => {
    const options = command.opts<Options & DatabaseOptions>()
    const args = command.processedArgs as Args
    await run(command, options, (signal) => withSession(options, signal, (session) => work(session, options, ...args)))
  })
}

export function withDatabaseOptions(command: Command): Command {
  return command
    .optionsGroup('Database and output:')
    .option('--database-url <url>', 'default: REQUEUEST_DATABASE_URL, prisma.config.ts, or DATABASE_URL')
    .option('--schema <name>', "the Postgres schema of the tables (default: the URL's, or that of the search path)")
    .addOption(
      new Option('--statement-timeout <duration>', 'how long a statement may take; 0s for no limit')
        .default(10_000, '10s')
        .argParser(toDurationMs),
    )
    .option('--json', 'print JSON')
}

/** Parses a duration on the command line. */
export function toDurationMs(text: string): number {
  const ms = parseDuration(text)
  if (ms === null) throw new InvalidArgumentError("It must be a duration such as '500ms', '30s', '5m', '2h' or '7d'.")
  return ms
}

/** Parses a whole number on the command line. */
export function toCount(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number.')
}

/** Parses the number of a port. */
export function toPort(text: string): number {
  const port = toCount(text)
  if (port <= 65_535) return port
  throw new InvalidArgumentError('It must be a port: 0 to 65535.')
}

/** For an option that may be given several times. */
export function collect(value: string, previous: string[] = []): string[] {
  return [...previous, value]
}
