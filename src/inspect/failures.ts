import { MAX_SPAN_MS } from '../check/bounds.ts'
import { checkKeys, checkObject } from '../check/check.ts'
import { checkDuration, type Duration } from '../check/duration.ts'
import { toDate } from '../check/moment.ts'
import type { RequestFilter } from '../control/filter.ts'
import type { AttemptOutcome } from '../policy/attempt.ts'
import type { FailureCode } from '../policy/outcome.ts'
import { type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { type FailureRow, groupFailures } from '../store/inspect/failures.ts'
import { type Effort, THOROUGH } from './effort.ts'

/** Failed requests of one receiver whose last attempts ended alike. */
export interface FailureGroup {
  /** The receiver; '' if no worker has looked at the rows. */
  origin: string
  /** Why they failed; null in rows that were edited by hand. */
  failureCode: FailureCode | null
  /** Outcome of their last attempts; null if there was none. */
  outcome: AttemptOutcome | null
  status: number | null
  errorCode: string | null
  count: number
  /** When the first and the last of them failed. */
  firstAt: Date
  lastAt: Date
  /** Id of the one that failed last. */
  exampleId: string
  /** Selects such requests, those included that were not looked at: for `redrive(group.where)`. */
  where: RequestFilter
}

/** What {@link Inspect.failures} returns. */
export interface FailureReport {
  /** The largest first, at most 100. */
  groups: FailureGroup[]
  /** How many failed requests were looked at: the last 10 000 at most. */
  requests: number
  /** When the first of these failed; null if there are none. */
  since: Date | null
  /** False if there may be earlier ones that were not looked at. */
  isComplete: boolean
}

/** Options of {@link Inspect.failures}. */
export interface FailureOptions {
  /** How far to look back. @default as far as there are rows */
  within?: Duration
}

const MOST_GROUPS = 100

export async function failures(
  db: PrismaTransactionLike,
  options: FailureOptions,
  { failures: window }: Effort = THOROUGH,
): Promise<FailureReport> {
  checkObject('options', options)
  checkKeys('options', options, ['within'])
  const { within } = options
  const spanMs = within === undefined ? null : checkDuration('options.within', within, 1, MAX_SPAN_MS)
  const rows = await withDatabaseErrors(() => groupFailures(db, spanMs, window, MOST_GROUPS))
  const { read = 0, readFromMs = null } = rows[0] ?? {}
  return { groups: rows.map(toGroup), requests: read, since: toDate(readFromMs), isComplete: read < window }
}

function toGroup({ read: _read, readFromMs: _from, firstAtMs, lastAtMs, ...row }: FailureRow): FailureGroup {
  return { ...row, firstAt: toDate(firstAtMs), lastAt: toDate(lastAtMs), where: whereOf(row) }
}

function whereOf({
  origin,
  failureCode,
  outcome,
  status,
  errorCode,
}: Omit<FailureRow, 'firstAtMs' | 'lastAtMs' | 'read' | 'readFromMs'>) {
  return {
    state: 'failed',
    ...(origin !== '' && { origin }),
    ...(failureCode !== null && { failureCode }),
    ...(outcome !== null && {
      lastAttempt: { outcome, ...(status !== null && { status }), ...(errorCode !== null && { errorCode }) },
    }),
  } satisfies RequestFilter
}
