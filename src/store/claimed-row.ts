import type { OnStatus } from '../core/on-status.ts'
import { remembering } from '../core/remember.ts'
import type { ClaimedRequest, HeaderPairs } from '../core/request.ts'
import type { RetryPolicy } from '../core/retry-policy.ts'

/**
 * A claimed request as the statement gives it: in few columns and as texts, since Prisma and the driver take their time
 * for each. `body` is in base64.
 */
export interface ClaimedRow
  extends Pick<
    ClaimedRequest,
    'id' | 'number' | 'channel' | 'method' | 'url' | 'origin' | 'encryptionKey' | 'claimedAtMs' | 'expiresAtMs'
  > {
  headers: string
  body: string | null
  policy: string
}

type Policy = Pick<ClaimedRequest, 'ordered' | 'accept' | 'timeoutMs' | 'maxRedirects' | 'retry' | 'onStatus'>

export function toClaimedRequest(row: ClaimedRow): ClaimedRequest {
  const policy = readPolicy(row.policy)
  return {
    id: row.id,
    number: row.number,
    channel: row.channel,
    ordered: policy.ordered,
    method: row.method,
    url: row.url,
    origin: row.origin,
    // What is encrypted is different each time.
    headers: row.encryptionKey === null ? readHeaders(row.headers) : parseHeaders(row.headers),
    body: row.body === null ? null : Buffer.from(row.body, 'base64'),
    encryptionKey: row.encryptionKey,
    accept: policy.accept,
    timeoutMs: policy.timeoutMs,
    maxRedirects: policy.maxRedirects,
    retry: policy.retry,
    onStatus: policy.onStatus,
    claimedAtMs: row.claimedAtMs,
    expiresAtMs: row.expiresAtMs,
  }
}

const parseHeaders = (text: string) => JSON.parse(text) as HeaderPairs | string

const readHeaders = remembering(parseHeaders)

const readPolicy = remembering((text): Policy => {
  const [ordered, accept, timeoutMs, maxRedirects, maxAttempts, baseMs, factor, maxMs, jitter, delaysMs, onStatus] =
    JSON.parse(text) as [
      boolean,
      string[],
      number,
      number,
      number,
      number,
      number,
      number,
      RetryPolicy['jitter'],
      number[] | null,
      OnStatus | null,
    ]
  const retry = { maxAttempts, baseMs, factor, maxMs, jitter, ...(delaysMs?.length && { delaysMs }) }
  return { ordered, accept, timeoutMs, maxRedirects, retry, onStatus: onStatus ?? {} }
})
