import type { Command } from 'commander'
import { isRequeuestError, type RequeuestError } from '../errors.ts'
import { sqlState } from '../store/db.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { CliError } from './failure.ts'
import { untilInterrupted } from './interrupt.ts'
import { type Failure, type Outcome, printJson, printOutcome, say } from './output.ts'

/** How long a command may take to end by itself after Ctrl-C. */
const GRACE_MS = 1000

/** Runs a command to its end: prints what it has to say, or why it failed, and sets the exit code. */
export async function run(
  command: Command,
  options: { json?: true },
  work: (signal: AbortSignal) => Promise<Outcome | undefined>,
  graceMs = GRACE_MS,
): Promise<void> {
  const name = nameOf(command)
  try {
    const outcome = await untilInterrupted(work, graceMs)
    if (outcome) await printOutcome(name, outcome, options.json ?? false)
  } catch (error) {
    const explained = explain(error)
    if (explained === undefined) throw error
    const { exitCode, ...failure } = explained
    if (options.json) printJson({ command: name, error: failure })
    say(`error: ${failure.message}`)
    process.exitCode = exitCode
  }
}

/** `schedules pause`, without the program's own name. */
function nameOf(command: Command): string {
  const names: string[] = []
  for (let one: Command | null = command; one?.parent; one = one.parent) names.unshift(one.name())
  return names.join(' ')
}

const CODES: Readonly<Record<number, string>> = {
  [EXIT.usage]: 'usage',
  [EXIT.noConnection]: 'no_connection',
  [EXIT.interrupted]: 'interrupted',
}

/** What the user can mend; undefined for a bug, whose stack is wanted. */
function explain(error: unknown): (Failure & { exitCode: ExitCode }) | undefined {
  if (error instanceof CliError) {
    const { message, exitCode } = error
    return { code: CODES[exitCode] ?? 'failed', message, exitCode }
  }
  if (isRequeuestError(error)) return { code: error.code, message: messageOf(error), exitCode: exitCodeOf(error) }
  // A file that is not there, or a port that is taken.
  if (error instanceof Error && 'syscall' in error) {
    return { code: 'failed', message: error.message, exitCode: EXIT.failed }
  }
  return undefined
}

function messageOf({ code, message }: RequeuestError): string {
  if (code === 'not_migrated')
    return `${message} \`requeuest migrate\` does so too. If they are elsewhere, say so with --schema.`
  return message
}

/** Connections that broke, and servers that are going down or coming up. */
const LOST = /^(08|57P)/

function exitCodeOf({ code, cause }: RequeuestError): ExitCode {
  if (code === 'invalid_input') return EXIT.usage
  const state = sqlState(cause)
  const isLost = code === 'database_error' && (state === undefined || LOST.test(state))
  return isLost ? EXIT.noConnection : EXIT.failed
}
