import type { FilterOneOf, FilterRange, RequestFilter } from '../control/filter.ts'
import type { AttemptOutcome } from '../policy/attempt.ts'
import type { FailureCode } from '../policy/outcome.ts'
import type { RequestState } from '../policy/request.ts'
import { dateOf, type Moment } from './moment.ts'

/** The conditions of {@link RequestFilter}, as a command line or the address of a page has them. */
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

/** The conditions that are given, and no others; `ids` and those of the options are alternatives. */
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

/** Parses `503`, `500-599` or `5xx`. Returns null for anything else. */
export function parseStatusRange(text: string): FilterRange<number> | null {
  const [, first, last, hundred] = /^([1-9]\d\d)(?:-([1-9]\d\d))?$|^([1-9])xx$/i.exec(text) ?? []
  if (hundred) return { gte: Number(hundred) * 100, lt: Number(hundred) * 100 + 100 }
  return first ? { gte: Number(first), lte: Number(last ?? first) } : null
}
