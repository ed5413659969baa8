import type { Command } from 'commander'
import type { RequestFilter } from '../control/filter.ts'
import { type FilterOptions, toFilter } from '../inspect/filter-options.ts'
import { confirm } from './confirm.ts'
import { databaseClock } from './database-clock.ts'
import { EXIT } from './exit-codes.ts'
import { CliError } from './failure.ts'
import { count, type Outcome, say } from './output.ts'
import { Progress } from './progress.ts'
import type { Session } from './session.ts'

export interface BulkOptions {
  yes?: true
  dryRun?: true
}

/** Adds the options of a command that changes many rows. */
export function withBulk(command: Command): Command {
  return command.option('--dry-run', 'only count what would be changed').option('--yes', 'do not ask')
}

interface Bulk {
  /** `Redrive`, `redriven` */
  verb: string
  done: string
  /** How many rows it will be. */
  matched: () => Promise<number>
  /**
   * Does it.
   *
   * @param report - is told how many are done, and throws after Ctrl-C
   * @returns how many were changed, and what else `--json` tells
   */
  change: (report: (done: number) => void) => Promise<{ changed: number; data?: object; remark?: string }>
}

/** Counts, asks, and changes many rows with progress. */
export async function changeMany(
  { signal }: Session,
  { yes, dryRun }: BulkOptions,
  { verb, done, matched, change }: Bulk,
): Promise<Outcome> {
  const total = await matched()
  const requests = count(total, 'request')
  if (dryRun || total === 0) {
    const text = dryRun ? `Dry run: ${requests} would be ${done}.` : 'No request matches.'
    return { data: { matched: total, [done]: 0 }, text: () => text }
  }
  if (total > 1) await confirm(`${verb} ${requests}`, yes ?? false, signal)
  const progress = new Progress(done, total)
  let soFar = 0
  const report = (number: number) => {
    soFar = number
    progress.report(number)
    signal.throwIfAborted()
  }
  try {
    const { changed, data, remark } = await change(report)
    progress.end()
    const text = [`${count(changed, 'request')} ${done}.`, ...(remark ? [remark] : [])].join('\n')
    return { data: { matched: total, [done]: changed, ...data }, text: () => text }
  } catch (error) {
    progress.end()
    say(`${soFar.toLocaleString('en-US')} of ${requests} were ${done} before it ended.`)
    signal.throwIfAborted()
    throw error
  }
}

/** The requests that a command is to change. There must be a condition. */
export async function whichRequests(
  { db }: Session,
  options: FilterOptions,
  ids: readonly string[],
): Promise<RequestFilter> {
  const filter = toFilter(options, ids, await databaseClock(db))
  if (Object.keys(filter).length > 0) return filter
  throw new CliError(
    'Say which requests: by their ids, or by conditions such as --channel billing --created-after 2h.',
    EXIT.usage,
  )
}
