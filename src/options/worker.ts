import { checkInteger } from '../check/check.ts'
import { checkChannels } from './spawn.ts'

/** The options of a worker, with every default filled in. */
export interface WorkerTerms {
  channels: readonly string[] | 'all'
  concurrency: number
  concurrencyPerOrigin: number
}

/** Fills in the defaults. Throws {@link InvalidInputError} if an option is invalid. */
export function resolveWorkerTerms(
  options: Pick<WorkerTerms, 'channels'> & { concurrency?: number; concurrencyPerOrigin?: number },
): WorkerTerms {
  const channels = options.channels === 'all' ? 'all' : checkChannels('options.channels', options.channels)
  const { concurrency = 50 } = options
  checkInteger('options.concurrency', concurrency, 1, 10_000)
  const { concurrencyPerOrigin = Math.ceil(concurrency / 2) } = options
  checkInteger('options.concurrencyPerOrigin', concurrencyPerOrigin, 1, concurrency)
  return { channels, concurrency, concurrencyPerOrigin }
}
