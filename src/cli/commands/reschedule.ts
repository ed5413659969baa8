import type { Command } from 'commander'
import { dateOf, type Moment } from '../../inspect/moment.ts'
import { changeOutcome } from '../change-outcome.ts'
import { databaseClock } from '../database-clock.ts'
import { onDatabase } from '../database-command.ts'
import { toMoment } from '../moment.ts'

export function rescheduleCommand(program: Command): void {
  const command = program
    .command('reschedule')
    .description('Make a pending request due at another time.')
    .argument('<id>', 'the id of the request')
    .requiredOption('--at <time>', '+0s (now), +2h (from now) or a time of ISO 8601', toMoment)
  onDatabase<{ at: Moment }, [string]>(command, async ({ db, requeuest }, { at }, id) => {
    const runAt = dateOf(at, await databaseClock(db))
    const result = await requeuest.reschedule(id, runAt)
    return changeOutcome(id, result, `due at ${runAt.toISOString()}`, 'only pending requests can be rescheduled')
  })
}
