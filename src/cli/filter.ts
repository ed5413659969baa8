import { type Command, InvalidArgumentError, Option } from 'commander'
import type { FilterOneOf, FilterRange, RequestFilter } from '../control/filter.ts'
import type { AttemptOutcome } from '../policy/attempt.ts'
import type { FailureCode } from '../policy/outcome.ts'
import type { RequestState } from '../policy/request.ts'
import { collect } from './database-command.ts'
import { dateOf, type Moment, toMoment } from './moment.ts'

/** All states of a request. */
export const STATES: readonly RequestState[] = ['pending', 'claimed', 'delivered', 'failed', 'cancelled']

/** The conditions of {@link RequestFilter}, as the command line has them. */
export interface FilterOptions {
  id?: string[]
  channel?: string[]
  state?: RequestState[]
  orderKey?: string[]
  dedupeKey?: string[]
  origin?: string[]
  url?: string
  urlStartsWith?: string
  urlContains?: string
  failureCode?: FailureCode[]
  status?: FilterRange<number>
  outcome?: AttemptOutcome[]
  errorCode?: string[]
  createdAfter?: Moment
  createdBefore?: Moment
  dueAfter?: Moment
  dueBefore?: Moment
  finishedAfter?: Moment
  finishedBefore?: Moment
}

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

/** The conditions that are given, and no others; those of the arguments and of `--id` are alternatives. */
export function toFilter(options: FilterOptions, ids: readonly string[], nowMs: number): RequestFilter {
  const { url, urlStartsWith, urlContains, status, outcome, errorCode } = options
  const part = defined({ startsWith: urlStartsWith, contains: urlContains })
  const last = defined({ status, outcome: oneOrMore(outcome), errorCode: oneOrMore(errorCode) })
  const between = (after: Moment | undefined, before: Moment | undefined) =>
    orNothing(defined({ gte: after && dateOf(after, nowMs), lt: before && dateOf(before, nowMs) }))
  return defined({
    id: oneOrMore([...ids, ...(options.id ?? [])]),
    channel: oneOrMore(options.channel),
    state: oneOrMore(options.state),
    orderKey: oneOrMore(options.orderKey),
    dedupeKey: oneOrMore(options.dedupeKey),
    origin: oneOrMore(options.origin),
    url: url ?? orNothing(part),
    failureCode: oneOrMore(options.failureCode),
    createdAt: between(options.createdAfter, options.createdBefore),
    runAt: between(options.dueAfter, options.dueBefore),
    finishedAt: between(options.finishedAfter, options.finishedBefore),
    lastAttempt: orNothing(last),
  })
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>
}

function orNothing<T extends object>(values: T): T | undefined {
  return Object.keys(values).length > 0 ? values : undefined
}

function oneOrMore<T>(values: readonly T[] = []): FilterOneOf<T> | undefined {
  if (values.length === 0) return undefined
  return values.length === 1 ? (values[0] as T) : { in: values }
}

function oneOf<T extends string>(choices: readonly T[]) {
  return (value: string, previous?: T[]): T[] => {
    if (choices.includes(value as T)) return collect(value, previous) as T[]
    throw new InvalidArgumentError(`It must be one of ${choices.join(', ')}.`)
  }
}

/** `503`, `500-599` or `5xx`. */
export function toStatusRange(text: string): FilterRange<number> {
  const [, first, last, hundred] = /^([1-9]\d\d)(?:-([1-9]\d\d))?$|^([1-9])xx$/i.exec(text) ?? []
  if (hundred) return { gte: Number(hundred) * 100, lt: Number(hundred) * 100 + 100 }
  if (first) return { gte: Number(first), lte: Number(last ?? first) }
  throw new InvalidArgumentError('It must be a status such as 503, a range such as 500-599, or a class such as 5xx.')
}
