import { EXIT } from './exit-codes.ts'
import { CliError } from './failure.ts'

/**
 * Runs work until it ends, or until Ctrl-C: then it is told, and left to itself if it has not ended within `graceMs`. A second Ctrl-C
 * ends the process.
 */
export async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>, graceMs: number): Promise<T> {
  const controller = new AbortController()
  let grace: NodeJS.Timeout | undefined
  let interrupt = () => {}
  const interrupted = new Promise<never>((_, reject) => {
    interrupt = () => {
      const reason = new CliError('Interrupted.', EXIT.interrupted)
      controller.abort(reason)
      if (Number.isFinite(graceMs)) grace = setTimeout(() => reject(reason), graceMs)
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
