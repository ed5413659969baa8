import { type Command, InvalidArgumentError, Option } from 'commander'
import type { FilterRange } from '../control/filter.ts'
import { parseStatusRange } from '../inspect/filter-options.ts'
import type { RequestState } from '../policy/request.ts'
import { collect } from './database-command.ts'
import { toMoment } from './moment.ts'

/** All states of a request. */
export const STATES: readonly RequestState[] = ['pending', 'claimed', 'delivered', 'failed', 'cancelled']

/** Adds the options that select requests. */
export function withFilter(command: Command, states: readonly RequestState[]): Command {
  const several = (flags: string, description: string) => new Option(flags, description).argParser(collect)
  command.optionsGroup('Which requests (all conditions must apply; values of a repeated option are alternatives):')
  command.addOption(several('--id <id>', 'the id of a request'))
  command.addOption(several('--channel <name>', 'their channel'))
  if (states.length > 1) command.addOption(several('--state <state>', states.join(', ')).argParser(oneOf(states)))
  command.addOption(several('--order-key <key>', "the key of their line; '' is the line of the whole channel"))
  command.addOption(several('--dedupe-key <key>', 'their key of deduplication'))
  command.addOption(several('--origin <url>', 'their receiver: the scheme, host and port of a URL'))
  command.addOption(new Option('--url <url>', 'the whole URL').conflicts(['urlStartsWith', 'urlContains']))
  command.option('--url-starts-with <text>', 'what the URL begins with')
  command.option('--url-contains <text>', 'a part of the URL')
  command.addOption(several('--failure-code <code>', 'why they failed, such as attempts_exhausted'))
  command.option('--status <status>', "of the last attempt's response: 503, 500-599 or 5xx", toStatusRange)
  command.addOption(several('--outcome <outcome>', 'of the last attempt, such as rejected or timeout'))
  command.addOption(several('--error-code <code>', 'of the last attempt, such as timeout'))
  for (const [name, what] of TIMES) {
    command.option(
      `--${name}-after <time>`,
      `${what} at this time or later: 2h (ago), +2h (from now) or ISO 8601`,
      toMoment,
    )
    command.option(`--${name}-before <time>`, `${what} before this time`, toMoment)
  }
  return command.optionsGroup('Options:')
}

const TIMES = [
  ['created', 'spawned'],
  ['due', 'due'],
  ['finished', 'final'],
] as const

function oneOf<T extends string>(choices: readonly T[]) {
  return (value: string, previous?: T[]): T[] => {
    if (choices.includes(value as T)) return collect(value, previous) as T[]
    throw new InvalidArgumentError(`It must be one of ${choices.join(', ')}.`)
  }
}

/** `503`, `500-599` or `5xx`. */
export function toStatusRange(text: string): FilterRange<number> {
  const range = parseStatusRange(text)
  if (range !== null) return range
  throw new InvalidArgumentError('It must be a status such as 503, a range such as 500-599, or a class such as 5xx.')
}
