import { DAY_MS } from '../check/bounds.ts'
import { checkKeys, checkObject } from '../check/check.ts'
import { checkDuration, type Duration } from '../check/duration.ts'
import { toDate } from '../check/moment.ts'
import type { AttemptOutcome } from '../policy/attempt.ts'
import { inTransaction, type PrismaClientLike } from '../store/db.ts'
import { avoidTableScan, groupAttempts, type OutcomeRow } from '../store/inspect/outcomes.ts'

/** Attempts to one receiver that ended alike. */
export interface OutcomeGroup {
  /** The receiver; '' if no worker has looked at the rows. */
  origin: string
  outcome: AttemptOutcome
  status: number | null
  errorCode: string | null
  count: number
  averageMs: number
  longestMs: number
  /** When the first and the last of them began. */
  firstAt: Date
  lastAt: Date
  /** Id of the request whose attempt began last. */
  exampleId: string
}

/** What {@link Inspect.outcomes} returns. */
export interface OutcomeReport {
  /** The largest first, at most 100. */
  groups: OutcomeGroup[]
  /** How many attempts were looked at. */
  attempts: number
  /** How far back that is, in milliseconds: less than was asked for if there are more than 10 000 attempts. */
  withinMs: number
}

/** Options of {@link Inspect.outcomes}. */
export interface OutcomeOptions {
  /** How far to look back; up to 7 days. @default '5m' */
  within?: Duration
}

const WINDOW = 10_000
const MOST_GROUPS = 100
/** Where there are too many attempts, a shorter span is tried, so that the last ones are looked at, and not any. */
const PARTS = [1, 8, 64, 512]

export async function outcomes(db: PrismaClientLike, options: OutcomeOptions): Promise<OutcomeReport> {
  checkObject('options', options)
  checkKeys('options', options, ['within'])
  const spanMs = checkDuration('options.within', options.within ?? '5m', 1, 7 * DAY_MS)
  let report: OutcomeReport = { groups: [], attempts: 0, withinMs: 0 }
  for (const part of PARTS) {
    const withinMs = spanMs / part
    const [, rows] = await inTransaction(db, [avoidTableScan(db), groupAttempts(db, withinMs, WINDOW + 1, MOST_GROUPS)])
    const attempts = rows[0]?.read ?? 0
    // All of the many are earlier: some of them say more than none.
    if (attempts === 0 && report.attempts > 0) break
    report = { groups: rows.map(toGroup), attempts, withinMs }
    if (attempts <= WINDOW) break
  }
  return report
}

function toGroup({ read: _read, firstAtMs, lastAtMs, ...row }: OutcomeRow): OutcomeGroup {
  return { ...row, firstAt: toDate(firstAtMs), lastAt: toDate(lastAtMs) }
}
