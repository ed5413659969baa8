import { ATTEMPT_OUTCOMES } from '../../../policy/attempt.ts'
import { FAILURE_CODES } from '../../../policy/outcome.ts'
import { REQUEST_STATES } from '../../../policy/request.ts'
import type { FilterKey } from '../filter-query.ts'

/** A condition, as a form asks for it and as a chip names it. */
export interface Field {
  key: FilterKey
  /** Where it is in a filter. */
  path: string
  label: string
  /** What may be written there. */
  hint?: string
  choices?: readonly string[]
  /** What is often wanted of what may be written. */
  suggestions?: readonly string[]
}

const SPANS = ['15min', '1h', '24h', '7d']

/** The states are boxes to tick. */
export const STATE: Field = { key: 'state', path: 'state', label: 'State', choices: REQUEST_STATES }

/** What is asked for most. */
export const COMMON: readonly Field[] = [
  { key: 'channel', path: 'channel', label: 'Channel' },
  { key: 'url-contains', path: 'url.contains', label: 'URL contains' },
  {
    key: 'status',
    path: 'lastAttempt.status',
    label: 'Last status',
    hint: '503, 500-599, 5xx',
    suggestions: ['2xx', '4xx', '429', '5xx', '503'],
  },
  { key: 'created-after', path: 'createdAt.gte', label: 'Spawned since', hint: '2h, 2026-11-30', suggestions: SPANS },
]

export const OTHERS: readonly Field[] = [
  { key: 'failure-code', path: 'failureCode', label: 'Failed because', choices: FAILURE_CODES },
  { key: 'outcome', path: 'lastAttempt.outcome', label: 'Last outcome', choices: ATTEMPT_OUTCOMES },
  { key: 'error-code', path: 'lastAttempt.errorCode', label: 'Last error code', hint: 'connection_refused' },
  { key: 'origin', path: 'origin', label: 'Receiver', hint: 'https://api.example.com' },
  { key: 'url', path: 'url', label: 'Whole URL' },
  { key: 'url-starts-with', path: 'url.startsWith', label: 'URL starts with' },
  { key: 'order-key', path: 'orderKey', label: 'Line' },
  { key: 'dedupe-key', path: 'dedupeKey', label: 'Dedupe key' },
  { key: 'id', path: 'id', label: 'Id' },
  { key: 'created-before', path: 'createdAt.lt', label: 'Spawned before', hint: '2h, 2026-11-30', suggestions: SPANS },
  { key: 'due-after', path: 'runAt.gte', label: 'Due since', hint: '2h, +2h', suggestions: SPANS },
  { key: 'due-before', path: 'runAt.lt', label: 'Due before', hint: '2h, +2h', suggestions: ['+1h', '+24h'] },
  { key: 'finished-after', path: 'finishedAt.gte', label: 'Final since', hint: '2h, 2026-11-30', suggestions: SPANS },
  { key: 'finished-before', path: 'finishedAt.lt', label: 'Final before', hint: '2h, 2026-11-30', suggestions: SPANS },
]

const ALL = [STATE, ...COMMON, ...OTHERS]

export function fieldOf(key: string): Field | undefined {
  return ALL.find((field) => field.key === key)
}

/** The field that an error means by its path in a filter, `where.id.in[0]`, or by its own name. */
export function fieldOfPath(path: string): Field | undefined {
  const [, inFilter] = /^where\.(.*?)(?:\.in)?(?:\[\d+\])?$/.exec(path) ?? []
  return ALL.find((field) => field.key === path || field.path === inFilter)
}
