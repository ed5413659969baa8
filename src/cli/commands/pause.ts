import type { Command } from 'commander'
import { onDatabase } from '../database-command.ts'
import { count } from '../output.ts'
import { nameOfScope, type ScopeOptions, scopeOf, withScope } from '../scope.ts'

export function pauseCommand(program: Command): void {
  const command = program
    .command('pause')
    .description('Pause a channel or an origin in all processes. Attempts under way continue.')
  onDatabase<ScopeOptions>(withScope(command), async ({ requeuest }, options) => {
    const { inFlight } = await requeuest.pause(scopeOf(options))
    const text = `Paused ${nameOfScope(options)}. Workers still hold ${count(inFlight, 'request')} of it.`
    return { data: { inFlight }, text: () => text }
  })
}
