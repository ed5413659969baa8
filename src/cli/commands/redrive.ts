import type { Command } from 'commander'
import type { RedriveOptions } from '../../control/redrive.ts'
import type { FilterOptions } from '../../inspect/filter-options.ts'
import { type BulkOptions, changeMany, whichRequests, withBulk } from '../bulk.ts'
import { onDatabase, toCount, toDurationMs } from '../database-command.ts'
import { withFilter } from '../filter.ts'

interface Options extends FilterOptions, BulkOptions {
  maxAttempts?: number
  expiresAfter?: number
}

export function redriveCommand(program: Command): void {
  const command = program
    .command('redrive')
    .description('Send failed and cancelled requests again.')
    .argument('[id...]', 'ids of requests')
    .option(
      '--max-attempts <number>',
      'how many attempts each may take (default: as many as when it was spawned)',
      toCount,
    )
    .option('--expires-after <duration>', 'how long from now they expire', toDurationMs)
  withBulk(withFilter(command, ['failed', 'cancelled']))
  onDatabase<Options, [string[]]>(command, async (session, options, ids) => {
    const { requeuest } = session
    const which = await whichRequests(session, options, ids)
    const terms: RedriveOptions = {
      ...(options.maxAttempts !== undefined && { maxAttempts: options.maxAttempts }),
      ...(options.expiresAfter !== undefined && { expiresAfter: options.expiresAfter }),
    }
    return changeMany(session, options, {
      verb: 'Redrive',
      done: 'redriven',
      matched: async () => (await requeuest.redrive(which, { ...terms, dryRun: true })).matched,
      change: async (report) => {
        const onProgress = ({ redriven }: { redriven: number }) => report(redriven)
        const { matched, redriven } = await requeuest.redrive(which, { ...terms, onProgress })
        const left = matched - redriven
        const remark =
          left > 0
            ? `${left} of those that matched cannot be: a worker still sends them, or their bodies are pruned.`
            : ''
        return { changed: redriven, remark }
      },
    })
  })
}
