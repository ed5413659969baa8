import type { Command } from 'commander'
import { onDatabase } from '../database-command.ts'
import { nameOfScope, type ScopeOptions, scopeOf, withScope } from '../scope.ts'

export function resumeCommand(program: Command): void {
  const command = program
    .command('resume')
    .description('End the pause of a channel or an origin. For an origin it also closes the breaker.')
  onDatabase<ScopeOptions>(withScope(command), async ({ requeuest }, options) => {
    const wasPaused = await requeuest.resume(scopeOf(options))
    const name = nameOfScope(options)
    return {
      data: { wasPaused },
      text: () => (wasPaused ? `Resumed ${name}.` : `Nothing to do: ${name} was not paused.`),
    }
  })
}
