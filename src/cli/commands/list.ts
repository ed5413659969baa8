import type { Command } from 'commander'
import { type FilterOptions, toFilter } from '../../inspect/filter-options.ts'
import type { ListedRequest } from '../../inspect/requests.ts'
import { databaseClock } from '../database-clock.ts'
import { onDatabase, toCount } from '../database-command.ts'
import { STATES, withFilter } from '../filter.ts'
import { say } from '../output.ts'
import { styleState } from '../style.ts'
import type { Cell } from '../table.ts'

interface Options extends FilterOptions {
  limit: number
  before?: string
}

export function listCommand(program: Command): void {
  const command = program
    .command('list')
    .description('List requests, the last ones first.')
    .option('--limit <number>', 'how many', toCount, 50)
    .option('--before <id>', 'only those before this one: the next page')
  onDatabase<Options>(withFilter(command, STATES), async ({ db, requeuest }, options) => {
    const { limit, before } = options
    const filter = toFilter(options, [], await databaseClock(db))
    const where = Object.keys(filter).length > 0 ? filter : undefined
    const page = await requeuest.inspect.requests(where, { limit, ...(before !== undefined && { before }) })
    return {
      data: page,
      text: async () => {
        const { table } = await import('../table.ts')
        if (page.next !== null) say(`There may be more: --before ${page.next}`)
        return table(HEADS, page.requests.map(rowOf), { flexible: 6, empty: 'No request matches.' })
      },
    }
  })
}

const HEADS = ['ID', 'CHANNEL', 'STATE', 'ATTEMPTS', 'LAST', 'DUE OR FINAL', 'REQUEST']

function rowOf({
  id,
  channel,
  state,
  attemptCount,
  lastAttempt,
  finishedAt,
  runAt,
  method,
  url,
}: ListedRequest): Cell[] {
  const last = lastAttempt?.errorCode ?? lastAttempt?.status?.toString()
  return [id, channel, () => styleState(state), attemptCount, last, finishedAt ?? runAt, `${method} ${url}`]
}
