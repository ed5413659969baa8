import { DAY_MS } from '../check/bounds.ts'
import { checkKeys, checkObject, checkOneOf, checkText } from '../check/check.ts'
import { checkDuration, type Duration } from '../check/duration.ts'
import { type ActivityCounts, addCounts, noCounts, POINTS, SPANS } from '../policy/activity.ts'
import { latencyQuantileMs } from '../policy/latency.ts'
import type { ScopeKind } from '../policy/scope.ts'
import { type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { type ActivitySeriesRow, listActivity } from '../store/inspect/activity.ts'

/** How much was sent, and how long it took. */
export interface ActivityFigures {
  /** Attempts that ended. */
  attempts: number
  /** Attempts whose responses were accepted: divided by `attempts`, the success rate. */
  accepted: number
  /** Requests that were delivered. */
  delivered: number
  /** Requests that failed for good. */
  failed: number
  /** How long an attempt took; null if there was none. */
  averageMs: number | null
  /** How long half of the attempts took at most: within 13 % or half a millisecond. Null if there was none. */
  p50Ms: number | null
  /** As `p50Ms`, of 95 % of the attempts. */
  p95Ms: number | null
}

/** A step of a series. */
export interface ActivityPoint extends ActivityFigures {
  /** When the step begins. */
  at: Date
}

/** A channel or an origin over time. */
export interface ActivitySeries extends ActivityFigures {
  /** The channel or origin; '' for all others, where there are more than 50. */
  name: string
  /** Each step in the order of time, those without attempts as well: the same for all series. The last is not over yet. */
  points: ActivityPoint[]
}

/** What {@link Inspect.activity} returns. */
export interface ActivityReport {
  /** When the first step begins: up to a step earlier than was asked for. */
  from: Date
  /** The present, by the database's clock. */
  until: Date
  /** Length of a step in milliseconds: 1, 10 or 30 minutes. */
  stepMs: number
  /** Those with most attempts first, at most 100. */
  series: ActivitySeries[]
}

/** Options of {@link Inspect.activity}. */
export interface ActivityOptions {
  /** Whose figures these are: one series for each channel, or for each origin. */
  by: 'channel' | 'origin'
  /** How far to look back, up to a day. @default '1h' */
  within?: Duration
  /** Only this channel or origin. @default all */
  name?: string
}

const MINUTE_MS = 60_000
const MOST_SERIES = 100

export async function activity(db: PrismaTransactionLike, options: ActivityOptions): Promise<ActivityReport> {
  checkObject('options', options)
  checkKeys('options', options, ['by', 'within', 'name'])
  const by: ScopeKind = checkOneOf('options.by', options.by, ['channel', 'origin'])
  const withinMs = checkDuration('options.within', options.within ?? '1h', MINUTE_MS, DAY_MS)
  const name =
    options.name === undefined || options.name === '' ? options.name : checkText('options.name', options.name, 300)
  const minutes = SPANS.find((span) => span * POINTS * MINUTE_MS >= withinMs) as number
  const stepMs = minutes * MINUTE_MS
  const rows = await withDatabaseErrors(() => listActivity(db, by, minutes, withinMs, name, MOST_SERIES))
  const { fromMs, untilMs } = rows[0] as ActivitySeriesRow
  const steps = Array.from(
    { length: Math.floor((untilMs - fromMs) / stepMs) + 1 },
    (_, index) => fromMs + index * stepMs,
  )
  const series = rows.flatMap(({ name, points }) => (name === null ? [] : toSeries(name, points ?? '', steps)))
  return { from: new Date(fromMs), until: new Date(untilMs), stepMs, series }
}

function toSeries(name: string, points: string, steps: readonly number[]): ActivitySeries {
  const counted = new Map(points.split(',').map(readPoint))
  const all = noCounts()
  for (const counts of counted.values()) addCounts(all, counts)
  return {
    name,
    ...figuresOf(all),
    points: steps.map((atMs) => ({ at: new Date(atMs), ...figuresOf(counted.get(atMs) ?? noCounts()) })),
  }
}

function readPoint(text: string): [atMs: number, counts: ActivityCounts] {
  const [minute = 0, attempts = 0, accepted = 0, delivered = 0, failed = 0, totalMs = 0, ...latency] = text
    .split(' ')
    .map(Number)
  return [minute * MINUTE_MS, { attempts, accepted, delivered, failed, totalMs, latency }]
}

function figuresOf({ attempts, accepted, delivered, failed, totalMs, latency }: ActivityCounts): ActivityFigures {
  return {
    attempts,
    accepted,
    delivered,
    failed,
    averageMs: attempts === 0 ? null : totalMs / attempts,
    p50Ms: latencyQuantileMs(latency, 0.5),
    p95Ms: latencyQuantileMs(latency, 0.95),
  }
}
