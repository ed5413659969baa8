import { checkInteger, checkKeys, checkObject, checkUuid } from '../check/check.ts'
import { toDate } from '../check/moment.ts'
import { type RequestFilter, resolveWhere } from '../control/filter.ts'
import type { AttemptOutcome } from '../policy/attempt.ts'
import type { FailureCode } from '../policy/outcome.ts'
import type { RequestState } from '../policy/request.ts'
import { type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { matchFew } from '../store/inspect/few.ts'
import {
  type ListedRow,
  listRequests,
  matchRecent,
  type RecentMatches,
  sampleMatching,
} from '../store/inspect/requests.ts'
import { asksForLast, type MatchTerms } from '../store/matches.ts'
import { type BoundedCount, MOST_COUNTED, SAMPLE_PAGES } from './bounded-count.ts'

/** A request as a list shows it: without headers and bodies, which {@link Requeuest.find} returns. */
export interface ListedRequest {
  id: string
  channel: string
  state: RequestState
  priority: number
  /** Key of its line; '' is the line of the whole channel, null means unordered. */
  orderKey: string | null
  /** True while an earlier request of its line is live. */
  blocked: boolean
  method: string
  url: string
  /** Scheme, host and port of `url`; '' if no worker has looked at the row yet. */
  origin: string
  /** Attempts begun, including a running one. */
  attemptCount: number
  /** Why the request failed; null unless it has. */
  failureCode: FailureCode | null
  /** The worker that holds it; null unless it is claimed. */
  workerId: string | null
  runAt: Date
  createdAt: Date
  finishedAt: Date | null
  /** The last attempt that is recorded; null if there is none. */
  lastAttempt: {
    number: number
    outcome: AttemptOutcome
    status: number | null
    errorCode: string | null
    startedAt: Date
    durationMs: number
  } | null
}

/** A part of a list of requests. */
export interface RequestPage {
  requests: ListedRequest[]
  /** To be passed as `before` for what follows, also if this page is short or empty; null at the end of the list. */
  next: string | null
}

/** Options of {@link Inspect.requests}. */
export interface ListOptions {
  /** How many requests to return; 1 to 1000. @default 50 */
  limit?: number
  /** Only requests with smaller ids: the `next` of the page before. */
  before?: string
}

/** How far an answer looks. */
interface Bounds {
  /** How many requests a page is chosen from, unless an index finds fewer candidates. */
  window: number
  /** How many candidates are few enough to look at all of them. */
  few: number
  /** Exact counts go up to this. */
  counted: number
  /** Pages of the table in a sample. */
  sampled: number
}

const BOUNDS: Bounds = { window: 20_000, few: 10_000, counted: MOST_COUNTED, sampled: SAMPLE_PAGES }

/** What is asked for every few seconds reads up to 2000 pages in all. */
const SMALL_BOUNDS: Bounds = { window: 4000, few: 200, counted: 4000, sampled: 400 }
/** An attempt that has to be looked up costs about as much as so many requests. */
const COST_OF_LAST = 20

export async function requests(
  db: PrismaTransactionLike,
  where: RequestFilter | undefined,
  options: ListOptions,
): Promise<RequestPage> {
  checkObject('options', options)
  checkKeys('options', options, ['limit', 'before'])
  const limit = checkInteger('options.limit', options.limit ?? 50, 1, 1000)
  const before = options.before === undefined ? null : checkUuid('options.before', options.before)
  const terms = resolveWhere(where)
  return withDatabaseErrors(async () => {
    const matches = await match(db, terms, before, limit + 1, limit + 1, BOUNDS)
    return toPage(db, matches, limit)
  })
}

export async function count(db: PrismaTransactionLike, where: RequestFilter | undefined): Promise<BoundedCount> {
  const terms = resolveWhere(where)
  return withDatabaseErrors(async () => {
    const matches = await match(db, terms, null, BOUNDS.counted + 1, 0, BOUNDS)
    return countOf(db, terms, matches, BOUNDS)
  })
}

/**
 * A page of a list and, with the first one, how many match in all: with one look, which goes less far than those of {@link requests}
 * and {@link count}.
 */
export async function requestsAndCount(
  db: PrismaTransactionLike,
  where: RequestFilter | undefined,
  before: string | undefined,
): Promise<RequestPage & { count: BoundedCount | null }> {
  const limit = 50
  const from = before === undefined ? null : checkUuid('before', before)
  const terms = resolveWhere(where)
  const bounds = asksForLast(terms) ? divided(SMALL_BOUNDS, COST_OF_LAST) : SMALL_BOUNDS
  return withDatabaseErrors(async () => {
    const most = from === null ? bounds.counted : limit
    const matches = await match(db, terms, from, most + 1, limit + 1, bounds)
    const page = await toPage(db, matches, limit)
    return { ...page, count: from === null ? await countOf(db, terms, matches, bounds) : null }
  })
}

function divided({ window, few, counted, sampled }: Bounds, by: number): Bounds {
  return { window: window / by, few: few / by, counted, sampled: sampled / by }
}

async function toPage(db: PrismaTransactionLike, { ids, readTo }: RecentMatches, limit: number): Promise<RequestPage> {
  const listed = (ids ?? []).slice(0, limit)
  const rows = listed.length > 0 ? await listRequests(db, listed) : []
  const isFull = (ids ?? []).length > limit
  return { requests: rows.map(toListed), next: isFull ? (listed.at(-1) as string) : readTo }
}

async function countOf(
  db: PrismaTransactionLike,
  terms: MatchTerms,
  { count, readTo }: RecentMatches,
  { counted, sampled }: Bounds,
): Promise<BoundedCount> {
  if (readTo === null && count <= counted) return { count, isEstimate: false }
  const [sample] = await sampleMatching(db, terms, sampled)
  return { count: Math.max(count, sample?.count ?? 0), isEstimate: true }
}

/**
 * @param most - stops at so many matches
 * @param listed - how many of them are returned
 */
async function match(
  db: PrismaTransactionLike,
  terms: MatchTerms,
  before: string | null,
  most: number,
  listed: number,
  { window, few }: Bounds,
): Promise<RecentMatches> {
  if (mayBeFew(terms)) {
    const [found] = await matchFew(db, terms, before, few, listed)
    if (found?.isFew) return { count: found.count, ids: found.ids, readTo: null }
  }
  const [recent] = await matchRecent(db, terms, before, window, most, listed)
  return recent ?? { count: 0, ids: null, readTo: null }
}

/** What is delivered is most of the table, unless it is asked for since when. */
function mayBeFew({ ids, states, finishedAt }: MatchTerms): boolean {
  return ids !== null || !states.includes('delivered') || (!states.includes('pending') && finishedAt.from !== null)
}

function toListed({ last, runAtMs, createdAtMs, finishedAtMs, ...row }: ListedRow): ListedRequest {
  return {
    ...row,
    runAt: toDate(runAtMs),
    createdAt: toDate(createdAtMs),
    finishedAt: toDate(finishedAtMs),
    lastAttempt: last && toLast(last),
  }
}

function toLast({ startedAtMs, ...attempt }: NonNullable<ListedRow['last']>): ListedRequest['lastAttempt'] {
  // JSON has no infinity but as a text.
  return { ...attempt, startedAt: toDate(Number(startedAtMs)) }
}
