import { createInterface } from 'node:readline/promises'
import { EXIT } from './exit-codes.ts'
import { CliError } from './failure.ts'

const NOTHING = 'Nothing was changed.'

/**
 * Asks before many rows are changed, on stderr.
 *
 * @param what - what would be done: `Redrive 1,200 requests`
 * @throws {@link CliError} if the answer is no, or if there is nobody to ask
 */
export async function confirm(what: string, isSure: boolean, signal: AbortSignal): Promise<void> {
  if (isSure) return
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new CliError(`${what}? There is no terminal to ask on: pass --yes to do it, or --dry-run.`, EXIT.usage)
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    // Ctrl-C comes as a key here.
    terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
    const answer = await terminal.question(`${what}? [y/N] `, { signal })
    if (!/^y(es)?$/i.test(answer.trim())) throw new CliError(NOTHING, EXIT.usage)
  } catch (error) {
    signal.throwIfAborted()
    // Ctrl-D.
    if (error instanceof Error && error.name === 'AbortError') throw new CliError(NOTHING, EXIT.usage)
    throw error
  } finally {
    terminal.close()
  }
}
