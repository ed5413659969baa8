import { constants } from 'node:os'
import { InvalidInputError } from '../../src/index.ts'
import { readArguments, USAGE, UsageError } from './arguments.ts'
import { say } from './output.ts'
import { run } from './run.ts'

/** The exit code: 0 if everything arrived, 1 if something did not, 2 for wrong usage, 128 and above for a signal. */
async function main(interrupted: AbortSignal): Promise<number> {
  try {
    const demo = readArguments(process.argv.slice(2), process.env)
    if (!demo.help) return (await run(demo, interrupted)) ? 0 : 1
    say(USAGE)
    return 0
  } catch (error) {
    if (interrupted.aborted) return 128 + constants.signals[interrupted.reason as NodeJS.Signals]
    const isUsage = error instanceof UsageError || error instanceof InvalidInputError
    process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`)
    if (isUsage) process.stderr.write(`\n${USAGE}\n`)
    return isUsage ? 2 : 1
  }
}

const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (interruption.signal.aborted) return
    say(`\n${signal === 'SIGINT' ? 'Ctrl-C' : signal}: the worker stops, and what is not delivered is taken back.`)
    interruption.abort(signal)
  })
}
// The reader of the output has closed it (`| head`).
process.stdout.on('error', () => interruption.abort('SIGPIPE'))

process.exitCode = await main(interruption.signal)
// Anything that waits for a lost database would delay the exit.
if (interruption.signal.aborted) process.exit()
