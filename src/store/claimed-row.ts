import type { HeaderPairs } from '../message/message.ts'
import type { StatusRules } from '../policy/on-status.ts'
import type { ClaimedRequest } from '../policy/request.ts'
import type { RetryPolicy } from '../policy/retry-policy.ts'
import { problemOfSize, problemOfTerms } from '../policy/row-problem.ts'
import { memoized } from '../runtime/memoize.ts'
import { readBodyText } from './body-text.ts'

/**
 * A claimed request as the statement gives it: in few columns and as texts, since Prisma and the driver take their time
 * for each. `body` is as {@link readBodyText} reads it, or `#` and its length when it is too large to be claimed, and so are `headers` that are too large to be sent; `shared` is all that many requests
 * have in common.
 */
export interface ClaimedRow extends Pick<ClaimedRequest, 'id' | 'url' | 'claimedAtMs'> {
  /** When it was created and since when it was due, in seconds since 1970; then its trace context, if that was asked for and is there. */
  times: string
  headers: string
  body: string | null
  shared: string
}

type Shared = Omit<
  ClaimedRequest,
  'id' | 'url' | 'headers' | 'body' | 'unreadBytes' | 'claimedAtMs' | 'createdAtMs' | 'dueAtMs' | 'traceContext'
>

export function toClaimedRequest(row: ClaimedRow): ClaimedRequest {
  const shared = readShared(row.shared)
  const space = row.times.indexOf(' ')
  const end = row.times.indexOf(' ', space + 1)
  const isUnread = row.body?.startsWith('#') ?? false
  const unreadBytes = isUnread ? Number(row.body?.slice(1)) : 0
  // What is encrypted is different each time.
  const headers = shared.encryptionKey === null ? readHeaders(row.headers) : parseHeaders(row.headers)
  return {
    id: row.id,
    number: shared.number,
    attemptsBefore: shared.attemptsBefore,
    channel: shared.channel,
    priority: shared.priority,
    ordered: shared.ordered,
    method: shared.method,
    url: row.url,
    origin: shared.origin,
    headers,
    body: row.body === null || isUnread ? null : readBodyText(row.body),
    encryptionKey: shared.encryptionKey,
    accept: shared.accept,
    timeoutMs: shared.timeoutMs,
    maxRedirects: shared.maxRedirects,
    retry: shared.retry,
    onStatus: shared.onStatus,
    claimedAtMs: row.claimedAtMs,
    createdAtMs: Number(row.times.slice(0, space)) * 1000,
    dueAtMs: Number(row.times.slice(space, end < 0 ? undefined : end)) * 1000,
    expiresAtMs: shared.expiresAtMs,
    unreadBytes,
    traceContext: end < 0 ? null : row.times.slice(end + 1),
    problem: shared.problem ?? problemOfSize(headers, unreadBytes),
  }
}

const parseHeaders = (text: string) => JSON.parse(text) as HeaderPairs | string

const readHeaders = memoized(parseHeaders)

const readShared = memoized((text): Shared => {
  const [
    number,
    channel,
    method,
    origin,
    encryptionKey,
    expiresAtMs,
    ordered,
    accept,
    timeoutMs,
    maxRedirects,
    ...more
  ] = JSON.parse(text) as [
    number,
    string,
    string,
    string,
    string | null,
    number | string | null,
    boolean,
    string[],
    number,
    number,
    number,
    number,
    number,
    number,
    RetryPolicy['jitter'],
    number,
    number[] | null,
    StatusRules | null,
    number,
  ]
  const [maxAttempts, baseMs, factor, maxMs, jitter, attemptsBefore, delaysMs, onStatus, priority] = more
  const terms = {
    number,
    attemptsBefore,
    priority,
    accept,
    timeoutMs,
    maxRedirects,
    retry: { maxAttempts, baseMs, factor, maxMs, jitter, ...(delaysMs?.length && { delaysMs }) },
    onStatus: onStatus ?? {},
  }
  return {
    ...terms,
    channel,
    method,
    origin,
    encryptionKey,
    // JSON has no infinity but as a text.
    expiresAtMs: expiresAtMs === null ? null : Number(expiresAtMs),
    ordered,
    problem: problemOfTerms(terms),
  }
})
