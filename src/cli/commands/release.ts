import type { Command } from 'commander'
import { onDatabase } from '../database-command.ts'

interface Options {
  channel: string
  key?: string
}

export function releaseCommand(program: Command): void {
  const command = program
    .command('release')
    .description('Release a line that a failed request holds.')
    .requiredOption('--channel <name>', 'the channel of the line')
    .option('--key <key>', 'the key of the line (default: the line of the whole channel)')
  onDatabase<Options>(command, async ({ requeuest }, { channel, key }) => {
    const wasHeld = await requeuest.release({ channel, ...(key !== undefined && { key }) })
    return { data: { wasHeld }, text: () => (wasHeld ? 'Released the line.' : 'Nothing to do: the line was not held.') }
  })
}
