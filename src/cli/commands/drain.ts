import { type Command, Option } from 'commander'
import type { DrainOptions } from '../../options/drain.ts'
import type { Requeuest } from '../../requeuest.ts'
import { findAppConfig, loadAppWithDatabase } from '../app.ts'
import { collect, toCount, toDurationMs, withDatabaseOptions } from '../database-command.ts'
import { count, type Outcome, say } from '../output.ts'
import { run } from '../run.ts'
import { type DatabaseOptions, withSession } from '../session.ts'

interface Options extends DatabaseOptions {
  channel?: string[]
  budget?: number
  concurrency?: number
  maxRequests?: number
  config: boolean
}

export function drainCommand(program: Command): void {
  const command = program
    .command('drain')
    .summary('Send what is due and end: without a worker, as a cron job does.')
    .description(
      'Send what is due and end: without a worker, as a cron job does. Uses the instance of requeuest.config.ts and its database, if there is one.',
    )
    .addOption(new Option('--channel <name>', 'a channel; may be repeated (default: all)').argParser(collect))
    .option('--budget <duration>', 'how long it may take (default: until nothing is due)', toDurationMs)
    .option('--concurrency <number>', 'how many requests may be in flight at once', toCount)
    .option('--max-requests <number>', 'how many attempts at most', toCount)
    .option('--no-config', 'use the database below with default options: no keys, signing or renderers')
  // Attempts under way are waited for after Ctrl-C, which they would otherwise leave unrecorded.
  withDatabaseOptions(command).action((options: Options) =>
    run(command, options, (signal) => drainIn(process.cwd(), options, signal), Number.POSITIVE_INFINITY),
  )
}

async function drainIn(folder: string, options: Options, signal: AbortSignal): Promise<Outcome> {
  if (!options.config || findAppConfig(folder) === undefined) {
    say('Without a requeuest.config, requests are sent with default options: no keys, signing or renderers.')
    return withSession(options, signal, ({ requeuest }) => drain(requeuest, options, signal))
  }
  return drain(await loadAppWithDatabase(folder, options, 'with --no-config'), options, signal)
}

async function drain(requeuest: Requeuest, options: Options, signal: AbortSignal): Promise<Outcome> {
  const { channel, budget, concurrency, maxRequests } = options
  const terms: DrainOptions = {
    channels: channel ?? 'all',
    signal,
    ...(budget !== undefined && { budget }),
    ...(concurrency !== undefined && { concurrency }),
    ...(maxRequests !== undefined && { maxRequests }),
  }
  const result = await requeuest.drain(terms)
  signal.throwIfAborted()
  const { attempts, delivered, failed, retrying, stopped } = result
  const text = `${count(attempts, 'attempt')}: ${delivered} delivered, ${failed} failed, ${retrying} to be retried. Stopped: ${stopped}.`
  return { data: result, text: () => text }
}
