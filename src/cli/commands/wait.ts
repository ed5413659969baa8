import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { monotonicMs } from '../../runtime/clock.ts'
import { onDatabase, toDurationMs } from '../database-command.ts'
import { EXIT } from '../exit-codes.ts'
import { CliError } from '../failure.ts'
import { count } from '../output.ts'
import { oneLine, styleState } from '../style.ts'

const EVERY_MS = 500

interface Options {
  exitStatus?: true
  timeout?: number
}

export function waitCommand(program: Command): void {
  const command = program
    .command('wait')
    .description('Wait until a request is final.')
    .argument('<id>', 'the id of the request')
    .option('--exit-status', 'end with 1 unless it is delivered')
    .option('--timeout <duration>', 'how long to wait (default: until it is final)', toDurationMs)
  onDatabase<Options, [string]>(command, async ({ db, signal }, { exitStatus, timeout }, given) => {
    const [{ findFinal }, { withDatabaseErrors }, { checkId }] = await Promise.all([
      import('../../store/requests.ts'),
      import('../../store/db.ts'),
      import('../../options/spawn.ts'),
    ])
    const id = checkId(given)
    const deadlineMs = timeout === undefined ? Number.POSITIVE_INFINITY : monotonicMs() + timeout
    for (;;) {
      const [row] = await withDatabaseErrors(() => findFinal(db, [id]))
      if (row?.state === null) throw new CliError(`There is no request ${id}.`)
      if (row) {
        const { state, failureCode, attempts, status, lastError } = row
        const why = [failureCode, lastError].filter((text) => text !== null).join(', ')
        const text = `${styleState(state)} after ${count(attempts, 'attempt')}${why && `: ${oneLine(why)}`}`
        const isFine = !exitStatus || state === 'delivered'
        const data = { id, state, failureCode, attempts, status, lastError }
        return { data, text: () => text, exitCode: isFine ? EXIT.fine : EXIT.failed }
      }
      if (monotonicMs() >= deadlineMs) throw new CliError(`Request ${id} was not final in time. It goes on.`)
      await sleep(EVERY_MS, undefined, { signal }).catch(() => signal.throwIfAborted())
    }
  })
}
