import { distinct } from '../core/distinct.ts'
import { originOf } from '../core/origin.ts'
import type { Placement } from '../core/request.ts'
import type { PrismaTransactionLike } from './db.ts'
import { joinBytes, jsonList, plainList, textList } from './lists.ts'
import { delaysOf, rulesOf } from './policy.ts'
import type { StoredRequest } from './requests.ts'

/** What the options say of most requests of a batch alike. */
const TERMS = [
  'priority',
  'afterFailure',
  'accept',
  'timeoutMs',
  'maxRedirects',
  'retry',
  'onStatus',
  'due',
  'expiry',
] as const satisfies (keyof Placement)[]

/**
 * Writes requests, one statement for all of them. A request whose id or key is there already is left as it is, so a
 * spawn whose answer was lost can be repeated.
 *
 * What many of them have in common is passed once, and each says by its number which of that is its own: to read lists is
 * half of the statement's work.
 *
 * The rows go in ordered by line: two transactions that spawn into the same lines then take the lines' locks in
 * the same order. Within a line the given order stays.
 */
export function insertRequests(db: PrismaTransactionLike, rows: readonly StoredRequest[]) {
  const bodies = joinBytes(rows.map((r) => r.body))
  const heads = distinct(rows.map(headOf), ['channel', 'method', 'origin', 'headers', 'encryptionKey'])
  const terms = distinct(
    rows.map((r) => r.placement),
    TERMS,
  )
  const head = <T>(value: (head: Head) => T) => heads.values.map(value)
  const term = <T>(value: (placement: Placement) => T) => terms.values.map(value)
  return db.$executeRaw`
    WITH head AS MATERIALIZED (
      SELECT * FROM unnest(
        ${textList(head((h) => h.channel))}::text[],
        ${textList(head((h) => h.method))}::text[],
        ${textList(head((h) => h.origin))}::text[],
        string_to_array(${head((h) => h.headers).join('\x1e')}, chr(30))::jsonb[],
        ${textList(head((h) => h.encryptionKey))}::text[]
      ) WITH ORDINALITY AS head (channel, method, origin, headers, encryption_key, number)
    ), terms AS MATERIALIZED (
      SELECT number, priority, after_failure::requeuest_after_failure,
        string_to_array(accept, ',') AS accept, timeout_ms, max_redirects, max_attempts, backoff_base_ms, backoff_factor,
        backoff_max_ms, backoff_jitter::requeuest_jitter, backoff_delays_ms::int[], on_status,
        coalesce(
          to_timestamp(run_at_ms / 1000), statement_timestamp() + delay_ms * interval '1 millisecond') AS run_at,
        coalesce(
          to_timestamp(expires_at_ms / 1000), statement_timestamp() + expires_after_ms * interval '1 millisecond') AS expires_at
      FROM unnest(
        ${plainList(term((t) => t.priority))}::smallint[],
        ${textList(term((t) => t.afterFailure))}::text[],
        ${textList(term((t) => t.accept.join(',')))}::text[],
        ${plainList(term((t) => t.timeoutMs))}::int[],
        ${plainList(term((t) => t.maxRedirects))}::smallint[],
        ${plainList(term((t) => t.retry.maxAttempts))}::int[],
        ${plainList(term((t) => t.retry.baseMs))}::int[],
        ${plainList(term((t) => t.retry.factor))}::float8[],
        ${plainList(term((t) => t.retry.maxMs))}::int[],
        ${textList(term((t) => t.retry.jitter))}::text[],
        ${textList(term(delaysOf))}::text[],
        string_to_array(${jsonList(term(rulesOf))}, chr(30), '')::jsonb[],
        ${plainList(term((t) => ('delayMs' in t.due ? t.due.delayMs : null)))}::float8[],
        ${plainList(term((t) => ('atMs' in t.due ? t.due.atMs : null)))}::float8[],
        ${plainList(term((t) => (t.expiry && 'afterMs' in t.expiry ? t.expiry.afterMs : null)))}::float8[],
        ${plainList(term((t) => (t.expiry && 'atMs' in t.expiry ? t.expiry.atMs : null)))}::float8[]
      ) WITH ORDINALITY AS terms (
        priority, after_failure, accept, timeout_ms, max_redirects, max_attempts, backoff_base_ms,
        backoff_factor, backoff_max_ms, backoff_jitter, backoff_delays_ms, on_status, delay_ms, run_at_ms, expires_after_ms,
        expires_at_ms, number)
    )
    INSERT INTO requeuest_request (
      id, channel, priority, order_key, after_failure, method, url, origin, headers, body, encryption_key, accept,
      timeout_ms, max_redirects, max_attempts, backoff_base_ms, backoff_factor, backoff_max_ms, backoff_jitter,
      backoff_delays_ms, on_status, run_at, expires_at, dedupe_key, dedupe_until)
    SELECT
      new.id, channel, priority, order_key, after_failure, method, url, origin, headers,
      substring(${bodies.bytes}::bytea FROM body_start FOR body_length), encryption_key, accept,
      timeout_ms, max_redirects, max_attempts, backoff_base_ms, backoff_factor, backoff_max_ms, backoff_jitter,
      backoff_delays_ms, on_status, run_at, expires_at,
      dedupe_key, statement_timestamp() + dedupe_for_ms * interval '1 millisecond'
    FROM unnest(
      ${plainList(rows.map((r) => r.id))}::uuid[],
      ${textList(rows.map((r) => r.url))}::text[],
      ${bodies.starts}::int[],
      ${bodies.lengths}::int[],
      ${plainList(heads.numbers)}::int[],
      ${plainList(terms.numbers)}::int[],
      ${textList(rows.map((r) => r.placement.orderKey))}::text[],
      ${textList(rows.map((r) => r.placement.dedupe?.key ?? null))}::text[],
      ${textList(rows.map((r) => r.placement.dedupe?.forMs ?? null))}::float8[]
    ) WITH ORDINALITY AS new (
      id, url, body_start, body_length, head_number, terms_number, order_key, dedupe_key, dedupe_for_ms, position)
    JOIN head ON head.number = head_number
    JOIN terms ON terms.number = terms_number
    ORDER BY order_key, position
    ON CONFLICT DO NOTHING`
}

interface Head extends Pick<StoredRequest, 'channel' | 'method' | 'encryptionKey'> {
  origin: string
  /** JSON. */
  headers: string
}

function headOf({ channel, method, url, headers, encryptionKey }: StoredRequest): Head {
  return { channel, method, origin: originOf(url), headers: JSON.stringify(headers), encryptionKey }
}
