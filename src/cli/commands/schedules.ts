import type { Command } from 'commander'
import { onDatabase } from '../database-command.ts'
import { EXIT } from '../exit-codes.ts'
import type { Outcome } from '../output.ts'

export function schedulesCommand(program: Command): void {
  const schedules = program.command('schedules').description('List schedules; pause, resume or run one.')
  const list = schedules.command('list', { isDefault: true }).description('List all schedules (the default).')
  onDatabase(list, async ({ requeuest }) => {
    const found = await requeuest.schedules()
    return {
      data: found,
      text: async () => {
        const { table } = await import('../table.ts')
        const heads = ['NAME', 'CRON', 'ZONE', 'CHANNEL', 'NEXT', 'LAST', 'STATE', 'URL']
        const rows = found.map((one) => [
          one.name,
          one.cron,
          one.timezone,
          one.channel,
          one.nextRunAt,
          one.lastRunAt,
          one.problem ?? (one.pausedAt ? 'paused' : 'active'),
          `${one.method} ${one.url}`,
        ])
        return table(heads, rows, { flexible: 7, empty: 'There are no schedules.' })
      },
    }
  })
  const one = (name: string, description: string) =>
    schedules.command(name).description(description).argument('<name>', 'the name of the schedule')
  onDatabase<unknown, [string]>(
    one('pause', 'Pause a schedule. Its times are not caught up.'),
    async ({ requeuest }, _, name) =>
      changed(await requeuest.pauseSchedule(name), `Paused ${name}.`, `${name} is paused already, or does not exist.`),
  )
  onDatabase<unknown, [string]>(
    one('resume', 'Resume a paused schedule, counting from now.'),
    async ({ requeuest }, _, name) =>
      changed(await requeuest.resumeSchedule(name), `Resumed ${name}.`, `${name} is not paused, or does not exist.`),
  )
  onDatabase<unknown, [string]>(
    one('run', 'Fire a schedule now. A worker does so within seconds.'),
    async ({ requeuest }, _, name) =>
      changed(
        await requeuest.runSchedule(name),
        `${name} is due now.`,
        `${name} is paused, has a problem, or does not exist.`,
      ),
  )
}

function changed(isChanged: boolean, text: string, otherwise: string): Outcome {
  return {
    data: { changed: isChanged },
    text: () => (isChanged ? text : `Nothing was done: ${otherwise}`),
    exitCode: isChanged ? EXIT.fine : EXIT.failed,
  }
}
