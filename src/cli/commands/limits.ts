import { type Command, InvalidArgumentError } from 'commander'
import type { LimitOptions, RateOptions } from '../../control/limits.ts'
import { onDatabase, toCount, toDurationMs } from '../database-command.ts'
import { nameOfScope, type ScopeOptions, scopeOf, withScope } from '../scope.ts'

interface Options extends ScopeOptions {
  concurrency?: number | null
  rate?: RateOptions | null
}

export function limitsCommand(program: Command): void {
  const command = program
    .command('limits')
    .description('Set the limits of a channel or an origin, for all processes together.')
  withScope(command)
    .option('--concurrency <number>', "how many of its requests may be in flight at once, or 'none'", orNone(toCount))
    .option('--rate <rate>', "how many may start in an interval: 100/1s, or 'none'", orNone(toRate))
  onDatabase<Options>(command, async ({ requeuest }, options) => {
    const { concurrency, rate } = options
    const limits: LimitOptions = { ...(concurrency !== undefined && { concurrency }), ...(rate !== undefined && { rate }) }
    await requeuest.setLimits(scopeOf(options), limits)
    return { data: limits, text: () => `Set the limits of ${nameOfScope(options)}.` }
  })
}

function orNone<T>(parse: (text: string) => T) {
  return (text: string): T | null => (text === 'none' ? null : parse(text))
}

function toRate(text: string): RateOptions {
  const [, limit, interval] = /^(\d+)\/(.+)$/.exec(text) ?? []
  if (limit === undefined || interval === undefined) throw new InvalidArgumentError("It must be a rate such as '100/1s'.")
  return { limit: Number(limit), interval: toDurationMs(interval) }
}
