import { checkDate, checkInteger, checkKeys, checkObject, checkOneOf, checkText, checkUuid } from '../check/check.ts'
import { hidden, InvalidInputError } from '../errors.ts'
import { NO_ORIGIN, readOrigin } from '../message/origin.ts'
import { ATTEMPT_OUTCOMES, type AttemptOutcome } from '../policy/attempt.ts'
import { FAILURE_CODES, type FailureCode } from '../policy/outcome.ts'
import { REQUEST_STATES, type RequestState } from '../policy/request.ts'
import type { MatchTerms, Span } from '../store/matches.ts'

/** One value, or any of several. An empty list matches nothing. */
export type FilterOneOf<T> = T | { in: readonly T[] }

/** Between two values: `gte` and `lte` include them, `gt` and `lt` do not. */
export interface FilterRange<T> {
  gt?: T
  gte?: T
  lt?: T
  lte?: T
}

/**
 * Selects requests, in the notation of Prisma. A request matches if every condition applies. At least one condition is required,
 * and none may be undefined, so that a missing value never selects every request.
 */
export interface RequestFilter {
  /** `{ in: ids }` takes the ids that your own query found. */
  id?: FilterOneOf<string>
  channel?: FilterOneOf<string>
  /** Scheme, host and port of its receiver: `https://api.example.com`. The rest of a URL is ignored. */
  origin?: FilterOneOf<string>
  state?: FilterOneOf<RequestState>
  /** Key of its line; '' is the line of the whole channel. */
  orderKey?: FilterOneOf<string>
  dedupeKey?: FilterOneOf<string>
  /** The whole URL as stored, its beginning, or a part of it. Case-sensitive. */
  url?: string | { startsWith?: string; contains?: string }
  failureCode?: FilterOneOf<FailureCode>
  createdAt?: FilterRange<Date>
  runAt?: FilterRange<Date>
  finishedAt?: FilterRange<Date>
  /** The last recorded attempt: its outcome, the status of its response, or its error code. */
  lastAttempt?: {
    outcome?: FilterOneOf<AttemptOutcome>
    status?: number | FilterRange<number>
    errorCode?: FilterOneOf<string>
  }
}

const KEYS = [
  'id',
  'channel',
  'origin',
  'state',
  'orderKey',
  'dedupeKey',
  'url',
  'failureCode',
  'createdAt',
  'runAt',
  'finishedAt',
  'lastAttempt',
] as const

const MAX_TEXT = 8192
const OPEN: Span = { from: null, until: null }

/**
 * What to look for, among requests in the given states.
 *
 * @param which - a filter, or one id
 */
export function resolveFilter(which: string | RequestFilter, states: readonly RequestState[]): MatchTerms {
  if (typeof which === 'string') return { ...resolve({}, states), ids: [checkUuid('id', which)] }
  checkObject('where', which, 'an id, or conditions such as { channel }')
  checkConditions('where', which, KEYS)
  return resolve(which, states)
}

/** What to look for among all requests, to be read only: without a filter that is every one. */
export function resolveWhere(where: RequestFilter | undefined): MatchTerms {
  return where === undefined ? resolve({}, REQUEST_STATES) : resolveFilter(where, REQUEST_STATES)
}

function resolve(where: RequestFilter, states: readonly RequestState[]): MatchTerms {
  const { url, lastAttempt: last = {} } = where
  if (where.lastAttempt !== undefined) {
    checkObject('where.lastAttempt', last, 'conditions such as { status: 503 }')
    checkConditions('where.lastAttempt', last, ['outcome', 'status', 'errorCode'])
  }
  const text = (field: string, value: unknown) => checkText(field, value, MAX_TEXT)
  const lineKey = (field: string, value: unknown) => (value === '' ? '' : text(field, value))
  return {
    ids: several('where.id', where.id, (field, value) => checkUuid(field, value)),
    channels: several('where.channel', where.channel, text),
    origins: several('where.origin', where.origin, checkOrigin),
    states: several('where.state', where.state, (field, value) => checkOneOf(field, value, states)) ?? states,
    orderKeys: several('where.orderKey', where.orderKey, lineKey),
    dedupeKeys: several('where.dedupeKey', where.dedupeKey, text),
    ...resolveUrl(url),
    failureCodes: several('where.failureCode', where.failureCode, (field, value) =>
      checkOneOf(field, value, FAILURE_CODES),
    ),
    createdAt: span('where.createdAt', where.createdAt, checkDate),
    runAt: span('where.runAt', where.runAt, checkDate),
    finishedAt: span('where.finishedAt', where.finishedAt, checkDate),
    lastOutcomes: several('where.lastAttempt.outcome', last.outcome, (field, value) =>
      checkOneOf(field, value, ATTEMPT_OUTCOMES),
    ),
    lastStatus:
      typeof last.status === 'number'
        ? { from: status('where.lastAttempt.status', last.status), until: last.status + 1 }
        : span('where.lastAttempt.status', last.status, status),
    lastErrorCodes: several('where.lastAttempt.errorCode', last.errorCode, text),
  }
}

/** Refuses unknown keys, no keys, and keys without a value. */
function checkConditions(field: string, value: object, known: readonly string[]): void {
  checkKeys(field, value, known)
  const entries = Object.entries(value)
  if (entries.length === 0) {
    throw new InvalidInputError(field, value, `at least one condition: ${known.map((key) => `\`${key}\``).join(', ')}`)
  }
  for (const [key, given] of entries) {
    if (given !== undefined) continue
    throw new InvalidInputError(`${field}.${key}`, given, 'a value, or omitted: without one it would match everything')
  }
}

function checkOrigin(field: string, value: unknown): string {
  const text = checkText(field, value, MAX_TEXT)
  const origin = readOrigin(text)
  if (origin !== NO_ORIGIN || text === NO_ORIGIN) return origin
  throw new InvalidInputError(field, value, "an origin such as 'https://api.example.com'")
}

function status(field: string, value: unknown): number {
  return checkInteger(field, value, 100, 999)
}

/** Returns the values; null if there is no condition. */
export function several<T>(
  field: string,
  value: FilterOneOf<T> | undefined,
  check: (field: string, value: unknown) => T,
): readonly T[] | null {
  if (value === undefined) return null
  if (typeof value !== 'object' || value === null) return [check(field, value)]
  checkObject(field, value, 'one value, or several as { in: […] }')
  checkConditions(field, value, ['in'])
  const list: unknown = (value as { in: readonly T[] }).in
  if (!Array.isArray(list)) throw new InvalidInputError(`${field}.in`, hidden(list), 'a list')
  return Array.from(list, (one: unknown, index) => check(`${field}.in[${index}]`, one))
}

function resolveUrl(url: RequestFilter['url']): Pick<MatchTerms, 'url' | 'urlStart' | 'urlPart'> {
  const none = { url: null, urlStart: null, urlPart: null }
  if (url === undefined) return none
  if (typeof url === 'string') return { ...none, url: checkText('where.url', url, MAX_TEXT) }
  checkObject('where.url', url, 'a URL or conditions such as { startsWith }')
  checkConditions('where.url', url, ['startsWith', 'contains'])
  const part = (key: 'startsWith' | 'contains') =>
    url[key] === undefined ? null : checkText(`where.url.${key}`, url[key], MAX_TEXT)
  return { url: null, urlStart: part('startsWith'), urlPart: part('contains') }
}

/** Times are kept to the millisecond, so that what is after one is from the next one on. */
function span<T>(
  field: string,
  between: FilterRange<T> | undefined,
  check: (field: string, value: unknown) => number,
): Span {
  if (between === undefined) return OPEN
  checkObject(field, between, 'conditions such as { gte, lt }')
  checkConditions(field, between, ['gt', 'gte', 'lt', 'lte'])
  const at = (key: keyof FilterRange<T>, plus: number) =>
    between[key] === undefined ? [] : [check(`${field}.${key}`, between[key]) + plus]
  const from = [...at('gt', 1), ...at('gte', 0)]
  const until = [...at('lt', 0), ...at('lte', 1)]
  return {
    from: from.length === 0 ? null : Math.max(...from),
    until: until.length === 0 ? null : Math.min(...until),
  }
}
