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
import { areFailed, asksForLast, type MatchTerms } from '../store/matches.ts'
import type { BoundedCount } from './bounded-count.ts'
import { type Effort, THOROUGH } from './effort.ts'

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

export async function requests(
  db: PrismaTransactionLike,
  where: RequestFilter | undefined,
  options: ListOptions,
  effort: Effort = THOROUGH,
): Promise<RequestPage> {
  checkObject('options', options)
  checkKeys('options', options, ['limit', 'before'])
  const limit = checkInteger('options.limit', options.limit ?? 50, 1, 1000)
  const before = options.before === undefined ? null : checkUuid('options.before', options.before)
  const terms = resolveWhere(where)
  return withDatabaseErrors(async () => toPage(db, await match(db, terms, before, effort, limit + 1), limit))
}

export async function count(
  db: PrismaTransactionLike,
  where: RequestFilter | undefined,
  effort: Effort = THOROUGH,
): Promise<BoundedCount> {
  const terms = resolveWhere(where)
  return withDatabaseErrors(async () => {
    const matches = await match(db, terms, null, effort, effort.counted + 1, 0)
    return countOf(db, terms, matches, effort)
  })
}

/** What is shown of a list at a time. */
const SHOWN = 50

/** A page of a list as people see it. */
export interface CountedPage extends RequestPage {
  /** How many match in all; null for the pages behind the first one. */
  count: BoundedCount | null
  /** Whether there are as many as fit. */
  isFull: boolean
}

/** The same as {@link requests} and {@link count}, with one look for both. */
export async function requestsAndCount(
  db: PrismaTransactionLike,
  where: RequestFilter | undefined,
  given: string | undefined,
  wanted: Effort,
): Promise<CountedPage> {
  const before = given === undefined ? null : checkUuid('before', given)
  const terms = resolveWhere(where)
  const effort = affordable(terms, wanted)
  return withDatabaseErrors(async () => {
    const isFirst = before === null
    const matches = await match(db, terms, before, effort, (isFirst ? effort.counted : SHOWN) + 1, SHOWN + 1)
    const page = await toPage(db, matches, SHOWN)
    const count = isFirst ? await countOf(db, terms, matches, effort) : null
    return { ...page, count, isFull: page.requests.length === SHOWN }
  })
}

/** What it takes to look up a last attempt, or a request that lies alone on its page, beside one of many that lie together. */
const COST_OF_ATTEMPT = 20
const COST_OF_FAILED = 4

/** As much as can be had with the same effort, where looking at a request takes more. */
function affordable(terms: MatchTerms, effort: Effort): Effort {
  const { window, samplePages } = effort
  if (areFailed(terms)) {
    return { ...effort, window: Math.ceil(window / (asksForLast(terms) ? COST_OF_ATTEMPT : COST_OF_FAILED)) }
  }
  if (!asksForLast(terms)) return effort
  const part = (most: number) => Math.ceil(most / COST_OF_ATTEMPT)
  return { ...effort, window: part(window), samplePages: part(samplePages) }
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
  { counted, samplePages }: Effort,
): Promise<BoundedCount> {
  if (readTo === null && count <= counted) return { count, isEstimate: false }
  const [sample] = await sampleMatching(db, terms, samplePages)
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
  { few: mostFew, window }: Effort,
  most: number,
  listed = most,
): Promise<RecentMatches> {
  if (mayBeFew(terms)) {
    const [few] = await matchFew(db, terms, before, mostFew, listed)
    if (few?.isFew) return { count: few.count, ids: few.ids, readTo: null }
  }
  const [recent] = await matchRecent(db, terms, before, window, most, listed)
  return recent ?? { count: 0, ids: null, readTo: null }
}

/** What is delivered is most of the table, unless it is asked for since when. What failed is found in its order by an index. */
function mayBeFew(terms: MatchTerms): boolean {
  const { ids, states, finishedAt } = terms
  if (ids !== null) return true
  if (states.includes('delivered')) return !states.includes('pending') && finishedAt.from !== null
  return !areFailed(terms) || finishedAt.from !== null || finishedAt.until !== null
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
