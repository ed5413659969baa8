import { EXIT } from './exit-codes.ts'
import { CliError } from './failure.ts'

/** How long a command may take to end by itself. */
const GRACE_MS = 1000

/** Runs work until it ends, or until Ctrl-C: then it is told, and a little later left to itself. A second Ctrl-C ends the process. */
export async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  let grace: NodeJS.Timeout | undefined
  let interrupt = () => {}
  const interrupted = new Promise<never>((_, reject) => {
    interrupt = () => {
      const reason = new CliError('Interrupted.', EXIT.interrupted)
      controller.abort(reason)
      grace = setTimeout(() => reject(reason), GRACE_MS)
    }
  })
  process.once('SIGINT', interrupt)
  try {
    return await Promise.race([work(controller.signal), interrupted])
  } finally {
    clearTimeout(grace)
    process.off('SIGINT', interrupt)
  }
}
