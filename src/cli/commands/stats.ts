import type { Command } from 'commander'
import { onDatabase, toDurationMs } from '../database-command.ts'

interface Options {
  within: number
  watch?: number | true
}

const WATCH_MS = 2000
const DAY_MS = 86_400_000

export function statsCommand(program: Command): void {
  const command = program
    .command('stats')
    .description('Show what is due in each channel, why requests fail, and what is held or paused.')
    .option('--within <duration>', 'how far to look back for failures (default: a day)', toDurationMs, DAY_MS)
    .option('--watch [duration]', 'look again every 2 s, or as often as this says', toDurationMs)
  onDatabase<Options>(command, async (session, { within, watch: every, json }) => {
    const [{ statsOf }, { statsText }] = await Promise.all([import('../stats.ts'), import('../stats-text.ts')])
    const look = async () => {
      const data = await statsOf(session, within)
      return { data, text: () => statsText(data) }
    }
    if (every === undefined) return look()
    const { watch } = await import('../watch.ts')
    return watch(every === true ? WATCH_MS : every, json ?? false, session.signal, look)
  })
}
