import type { Command } from 'commander'
import { onDatabase } from '../database-command.ts'
import { style } from '../style.ts'

export function workersCommand(program: Command): void {
  const command = program.command('workers').description('List the workers of all processes.')
  onDatabase(command, async ({ requeuest }) => {
    const workers = await requeuest.inspect.workers()
    return {
      data: workers,
      text: async () => {
        const { table } = await import('../table.ts')
        const heads = ['HOST', 'PID', 'VERSION', 'CHANNELS', 'CLAIMED', 'CONCURRENCY', 'STARTED', 'LAST SEEN', '']
        const rows = workers.map(
          ({ host, pid, version, channels, claimed, concurrency, startedAt, lastSeenAt, isLive }) => [
            host,
            String(pid),
            version,
            channels === 'all' ? 'all' : channels.join(', '),
            claimed,
            concurrency,
            startedAt,
            lastSeenAt,
            isLive ? '' : () => style('red', 'silent'),
          ],
        )
        return table(heads, rows, { flexible: 3, empty: 'No worker runs.' })
      },
    }
  })
}
