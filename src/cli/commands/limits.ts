import { type Command, InvalidArgumentError } from 'commander'
import type { LimitOptions, RateOptions } from '../../control/limits.ts'
import { onDatabase, toCount, toDurationMs } from '../database-command.ts'
import type { Outcome } from '../output.ts'
import { nameOfScope, type ScopeOptions, scopeOf, withScope } from '../scope.ts'
import type { Session } from '../session.ts'

/** Commander takes null for a value that is missing. */
const NONE = 'none'

interface Options extends ScopeOptions {
  concurrency?: number | typeof NONE
  rate?: RateOptions | typeof NONE
}

export function limitsCommand(program: Command): void {
  const command = program
    .command('limits')
    .description('List limits and pauses, or set the limits of a channel or an origin for all processes together.')
  withScope(command)
    .option('--concurrency <number>', "how many of its requests may be in flight at once, or 'none'", orNone(toCount))
    .option('--rate <rate>', "how many may start in an interval: 100/1s, or 'none'", orNone(toRate))
  onDatabase<Options>(command, async ({ requeuest }, options) => {
    const { concurrency, rate } = options
    const isQuestion = [options.channel, options.origin, concurrency, rate].every((given) => given === undefined)
    if (isQuestion) return listLimits(requeuest)
    const limits: LimitOptions = {
      ...(concurrency !== undefined && { concurrency: orNull(concurrency) }),
      ...(rate !== undefined && { rate: orNull(rate) }),
    }
    await requeuest.setLimits(scopeOf(options), limits)
    return { data: limits, text: () => `Set the limits of ${nameOfScope(options)}.` }
  })
}

async function listLimits({ inspect }: Session['requeuest']): Promise<Outcome> {
  const channels = (await inspect.channels()).filter(
    ({ concurrency, rate, pausedAt }) => concurrency !== null || rate !== null || pausedAt !== null,
  )
  const origins = await inspect.origins({ limit: 1000 })
  return {
    data: { channels, origins },
    text: async () => {
      const [{ table }, { limitsText }] = await Promise.all([import('../table.ts'), import('../stats-text.ts')])
      const row = (name: string, one: (typeof channels)[number] | (typeof origins)[number]) => [
        name,
        limitsText(one),
        one.pausedAt,
        'breaker' in one && one.breaker !== 'closed' ? one.breaker : '',
      ]
      const rows = [
        ...channels.map((one) => row(`channel ${one.channel}`, one)),
        ...origins.map((one) => row(`origin ${one.origin}`, one)),
      ]
      return table(['NAME', 'LIMITS', 'PAUSED SINCE', 'BREAKER'], rows, { empty: 'Nothing is limited or paused.' })
    },
  }
}

const orNull = <T>(given: T | typeof NONE): T | null => (given === NONE ? null : given)

function orNone<T>(parse: (text: string) => T) {
  return (text: string): T | typeof NONE => (text === NONE ? NONE : parse(text))
}

function toRate(text: string): RateOptions {
  const [, limit, interval] = /^(\d+)\/(.+)$/.exec(text) ?? []
  if (limit === undefined || interval === undefined)
    throw new InvalidArgumentError("It must be a rate such as '100/1s'.")
  return { limit: Number(limit), interval: toDurationMs(interval) }
}
