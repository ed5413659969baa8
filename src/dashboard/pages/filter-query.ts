import type { RequestFilter } from '../../control/filter.ts'
import { InvalidInputError } from '../../errors.ts'
import { type FilterOptions, parseStatusRange, toFilter } from '../../inspect/filter-options.ts'
import { type Moment, parseMoment } from '../../inspect/moment.ts'
import type { AttemptOutcome } from '../../policy/attempt.ts'
import type { FailureCode } from '../../policy/outcome.ts'
import type { RequestState } from '../../policy/request.ts'

/** The conditions that an address may have, by the names that they have on the command line. */
export const FILTER_KEYS = [
  'id',
  'channel',
  'state',
  'order-key',
  'dedupe-key',
  'origin',
  'url',
  'url-starts-with',
  'url-contains',
  'failure-code',
  'status',
  'outcome',
  'error-code',
  'created-after',
  'created-before',
  'due-after',
  'due-before',
  'finished-after',
  'finished-before',
] as const

export type FilterKey = (typeof FILTER_KEYS)[number]

/** Those of which one value alone can apply. */
const SINGLE: readonly FilterKey[] = FILTER_KEYS.filter((key) => /^url|^status$|-(?:after|before)$/.test(key))

/** A form sends this along, and with it every field that was left empty. An empty `order-key` is a line's name otherwise. */
export const FROM_FORM = 'form'

/** The conditions of an address and nothing else of it: what a link to another page or to an action takes along. */
export function conditionsOf(query: URLSearchParams): URLSearchParams {
  const known: readonly string[] = FILTER_KEYS
  const isEmptyLine = (key: string) => key === 'order-key' && !query.has(FROM_FORM)
  return new URLSearchParams(
    [...query].filter(([key, value]) => known.includes(key) && (value !== '' || isEmptyLine(key))),
  )
}

/**
 * The filter that an address has; undefined if it has no condition. Fields of a form that were left empty are none.
 *
 * @throws {@link InvalidInputError} if a condition cannot be read; what else is wrong with it, who uses the filter says
 */
export function filterOf(query: URLSearchParams, nowMs: number): RequestFilter | undefined {
  const conditions = conditionsOf(query)
  checkSingle(conditions)
  const all = (key: string) => conditions.getAll(key)
  const one = (key: string) => conditions.get(key) ?? undefined
  const filter = toFilter(
    {
      channel: all('channel'),
      state: all('state') as RequestState[],
      orderKey: all('order-key'),
      dedupeKey: all('dedupe-key'),
      origin: all('origin'),
      failureCode: all('failure-code') as FailureCode[],
      outcome: all('outcome') as AttemptOutcome[],
      errorCode: all('error-code'),
      ...given({
        url: one('url'),
        urlStartsWith: one('url-starts-with'),
        urlContains: one('url-contains'),
        status: read('status', one('status'), parseStatusRange, 'a status such as 503, 500-599 or 5xx'),
        createdAfter: time('created-after', one('created-after')),
        createdBefore: time('created-before', one('created-before')),
        dueAfter: time('due-after', one('due-after')),
        dueBefore: time('due-before', one('due-before')),
        finishedAfter: time('finished-after', one('finished-after')),
        finishedBefore: time('finished-before', one('finished-before')),
      }),
    } satisfies FilterOptions,
    all('id'),
    nowMs,
  )
  return Object.keys(filter).length > 0 ? filter : undefined
}

/** A condition that were left out in silence would widen what an action is done to. */
function checkSingle(conditions: URLSearchParams): void {
  for (const key of SINGLE) {
    const values = conditions.getAll(key)
    if (values.length > 1) throw new InvalidInputError(key, values[1], 'given once')
  }
  const part = (['url-starts-with', 'url-contains'] as const).find((key) => conditions.has(key))
  if (conditions.has('url') && part)
    throw new InvalidInputError(part, conditions.get(part), 'omitted beside a whole url')
}

function time(key: FilterKey, text: string | undefined): Moment | undefined {
  return read(key, text, parseMoment, "a time: '2h' (ago), '+2h' (from now), '2026-11-30' or '2026-11-30T10:00Z'")
}

function read<T>(
  key: FilterKey,
  text: string | undefined,
  parse: (text: string) => T | null,
  expected: string,
): T | undefined {
  if (text === undefined) return undefined
  const value = parse(text)
  if (value !== null) return value
  throw new InvalidInputError(key, text, expected)
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>
}
