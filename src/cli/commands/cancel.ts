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
    const { db } = session
    const [{ cancel }, { countMatching }] = await Promise.all([
      import('../../control/cancel.ts'),
      import('../../control/batches.ts'),
    ])
    const which = await whichRequests(session, options, ids)
    return changeMany(session, options, {
      verb: 'Cancel',
      done: 'cancelled',
      matched: () => countMatching(db, which, ['pending', 'claimed']),
      change: async (report) => {
        let done = 0
        const { cancelled, inFlight } = await cancel(db, which, undefined, () => report(++done))
        const remark = inFlight.length > 0 ? `${inFlight.length} of them may still arrive: they were being sent.` : ''
        return { changed: cancelled, data: { inFlight }, remark }
      },
    })
  })
}
