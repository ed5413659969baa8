import { type Command, Option } from 'commander'
import type { ClearTarget } from '../../control/target.ts'
import { type BulkOptions, changeMany, withBulk } from '../bulk.ts'
import { collect, onDatabase } from '../database-command.ts'
import { EXIT } from '../exit-codes.ts'
import { CliError } from '../failure.ts'

interface Options extends BulkOptions {
  channel?: string[]
  all?: true
}

export function clearCommand(program: Command): void {
  const command = program
    .command('clear')
    .description('Cancel all pending requests of channels.')
    .addOption(new Option('--channel <name>', 'a channel; may be repeated').argParser(collect))
    .addOption(new Option('--all', 'all channels').conflicts('channel'))
  withBulk(command)
  onDatabase<Options>(command, async (session, options) => {
    const { db, requeuest } = session
    const { clear } = await import('../../control/clear.ts')
    const target = targetOf(options)
    const which = target === 'all' ? { state: 'pending' as const } : { state: 'pending' as const, ...target }
    return changeMany(session, options, {
      verb: 'Cancel',
      done: 'cancelled',
      matched: async () => (await requeuest.cancel(which, { dryRun: true })).matched,
      change: async (report) => {
        let done = 0
        return { changed: await clear(db, target, undefined, () => report(++done)) }
      },
    })
  })
}

function targetOf({ channel, all }: Options): ClearTarget {
  if (all) return 'all'
  if (channel) return { channel: { in: channel } }
  throw new CliError('Say which channels: --channel billing, or --all.', EXIT.usage)
}
