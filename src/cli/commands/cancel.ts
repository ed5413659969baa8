import type { Command } from 'commander'
import type { FilterOptions } from '../../inspect/filter-options.ts'
import { type BulkOptions, changeMany, whichRequests, withBulk } from '../bulk.ts'
import { onDatabase } from '../database-command.ts'
import { withFilter } from '../filter.ts'

export function cancelCommand(program: Command): void {
  const command = program
    .command('cancel')
    .description('Cancel requests that are pending or being sent. An attempt under way is not aborted.')
    .argument('[id...]', 'ids of requests')
  withBulk(withFilter(command, ['pending', 'claimed']))
  onDatabase<FilterOptions & BulkOptions, [string[]]>(command, async (session, options, ids) => {
    const { requeuest } = session
    const which = await whichRequests(session, options, ids)
    return changeMany(session, options, {
      verb: 'Cancel',
      done: 'cancelled',
      matched: async () => (await requeuest.cancel(which, { dryRun: true })).matched,
      change: async (report) => {
        const { cancelled, inFlight } = await requeuest.cancel(which, {
          onProgress: (soFar) => report(soFar.cancelled),
        })
        const remark = inFlight.length > 0 ? `${inFlight.length} of them may still arrive: they were being sent.` : ''
        return { changed: cancelled, data: { inFlight }, remark }
      },
    })
  })
}
