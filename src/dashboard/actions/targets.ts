import { checkOneOf } from '../../check/check.ts'
import { parseDuration } from '../../check/duration.ts'
import { type RequestFilter, several } from '../../control/filter.ts'
import { InvalidInputError } from '../../errors.ts'
import { REQUEST_STATES, type RequestState } from '../../policy/request.ts'
import { FILTER_KEYS, FROM_FORM, filterOf } from '../pages/filter-query.ts'
import type { Target } from './action.ts'

/** The fields that say what an action is done to, and where to go afterwards. */
export const TARGET_KEYS: readonly string[] = [...FILTER_KEYS, FROM_FORM, 'key', 'schedule', 'return']

export type Requests = Extract<Target, { requests: unknown }>
export type Scope = Extract<Target, { channel: string } | { origin: string }>
export type Line = Extract<Target, { line: unknown }>
export type Schedule = Extract<Target, { schedule: string }>

/** The requests that match the conditions of a form and that the action can change. There must be a condition. */
export function requestsOf(form: URLSearchParams, states: readonly RequestState[]): Requests {
  const where = filterOf(form, Date.now())
  if (where === undefined) {
    throw new InvalidInputError('requests', undefined, "ids, or at least one condition such as 'state=failed'")
  }
  return { requests: narrowed(where, states) }
}

/** A filter for the requests of these states only. Of those in others it says nothing, as the methods do not take them. */
function narrowed(where: RequestFilter, states: readonly RequestState[]): RequestFilter {
  const wanted = several('state', where.state, (field, value) => checkOneOf(field, value, REQUEST_STATES))
  return wanted === null ? where : { ...where, state: { in: wanted.filter((state) => states.includes(state)) } }
}

/** One request, by its id. */
export function requestOf(form: URLSearchParams): { requests: { id: string } } {
  const [id, ...more] = form.getAll('id')
  if (id !== undefined && id !== '' && more.length === 0) return { requests: { id } }
  throw new InvalidInputError('id', form.getAll('id'), 'the id of one request')
}

/** A channel or an origin. */
export function scopeOf(form: URLSearchParams): Scope {
  const channel = onlyOf(form, 'channel') || undefined
  const origin = onlyOf(form, 'origin') || undefined
  if (channel !== undefined && origin === undefined) return { channel }
  if (origin !== undefined && channel === undefined) return { origin }
  throw new InvalidInputError('channel', channel, 'the name of a channel, or omitted where `origin` is given')
}

/** A line; without a key that of the whole channel. */
export function lineOf(form: URLSearchParams): Line {
  return { line: { channel: textOf(form, 'channel', 'the channel of a line'), key: onlyOf(form, 'key') ?? '' } }
}

export function scheduleOf(form: URLSearchParams): Schedule {
  return { schedule: textOf(form, 'schedule', 'the name of a schedule') }
}

/** What a field says that may be given once: of several, all but the first would be left out in silence. */
export function onlyOf(form: URLSearchParams, key: string): string | undefined {
  const [text, ...more] = form.getAll(key)
  if (more.length > 0) throw new InvalidInputError(key, more[0], 'given once')
  return text
}

/** As a sentence has it. */
export function nameOfScope(scope: Scope): string {
  return 'channel' in scope ? `the channel ${scope.channel}` : `the receiver ${scope.origin}`
}

/** A number that may be left out. */
export function numberOf(form: URLSearchParams, key: string): number | undefined {
  const text = onlyOf(form, key)?.trim() ?? ''
  if (text === '') return undefined
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new InvalidInputError(key, text, 'a whole number')
}

/** A span of time that may be left out, in milliseconds. */
export function durationOf(form: URLSearchParams, key: string): number | undefined {
  const text = onlyOf(form, key)?.trim() ?? ''
  if (text === '') return undefined
  const ms = parseDuration(text)
  if (ms !== null) return ms
  throw new InvalidInputError(key, text, "a duration such as '500ms', '30s', '5m', '2h' or '7d'")
}

function textOf(form: URLSearchParams, key: string, what: string): string {
  const text = onlyOf(form, key)
  if (text) return text
  throw new InvalidInputError(key, text ?? undefined, what)
}
