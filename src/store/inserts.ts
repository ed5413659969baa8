import { originOf } from '../message/origin.ts'
import type { Placement } from '../policy/request.ts'
import { distinct } from '../runtime/distinct.ts'
import type { PrismaTransactionLike } from './db.ts'
import { joinBytes, jsonList, plainList, textList } from './lists.ts'
import { TOPIC } from './notifications.ts'
import { delaysOf, rulesOf } from './policy.ts'
import type { StoredRequest } from './requests.ts'
import { ending, fragment, joined } from './statement.ts'

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

const carefully = ending(' ORDER BY order_key, position ON CONFLICT DO NOTHING')
const telling = ending(` RETURNING pg_notify('${TOPIC}', channel)`)

/**
 * Writes requests, one statement for all of them. Unless they are new, a request whose id or key is there already is left as it
 * is, so a spawn whose answer was lost can be repeated; and they go in ordered by line: two transactions that spawn into the same
 * lines then take the lines' locks in the same order. Within a line the given order stays.
 *
 * What many of them have in common is passed once, and each says by its number which of that is its own: to read lists is
 * half of the statement's work. The series tells the planner that there are more of them than of what they have in common, so
 * their order stays, and each goes to the end of the indexes.
 *
 * @param areNew - their ids were made for this, and none has a key or stands in a line: there is nothing that they could meet.
 *   Neither to look for it nor to sort them saves a quarter
 * @param tells - whether it tells other processes as well, in the same commit
 */
export function insertRequests(
  db: PrismaTransactionLike,
  rows: readonly StoredRequest[],
  areNew: boolean,
  tells = false,
) {
  const { query, values } = insertionOf(rows)
  const whole = areNew ? query : carefully(query)
  return db.$executeRaw(tells ? telling(whole) : whole, ...values)
}

function insertionOf(rows: readonly StoredRequest[]) {
  const bodies = joinBytes(rows.map((r) => r.body))
  const heads = distinct(headsOf(rows), ['channel', 'method', 'origin', 'headers', 'encryptionKey'])
  const terms = distinct(
    rows.map((r) => r.placement),
    TERMS,
  )
  const isTraced = rows.some(({ traceContext }) => traceContext !== null)
  const head = <T>(value: (head: Head) => T) => heads.values.map(value)
  const term = <T>(value: (placement: Placement) => T) => terms.values.map(value)
  return joined(
    fragment`
    WITH /* requeuest:insertRequests */ head AS MATERIALIZED (
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
      backoff_delays_ms, on_status, run_at, expires_at, dedupe_key, dedupe_until`,
    isTraced ? fragment`, trace_context` : fragment``,
    fragment`)
    SELECT
      ((SELECT ${plainList(rows.map((r) => r.id))}::uuid[]))[position], channel, priority, order_key, after_failure, method, url,
      origin, headers,
      substring(${bodies.bytes}::bytea
        FROM ((SELECT ${bodies.starts}::int[]))[position] FOR ((SELECT ${bodies.lengths}::int[]))[position]),
      encryption_key, accept,
      timeout_ms, max_redirects, max_attempts, backoff_base_ms, backoff_factor, backoff_max_ms, backoff_jitter,
      backoff_delays_ms, on_status, run_at, expires_at,
      dedupe_key, statement_timestamp() + dedupe_for_ms * interval '1 millisecond'`,
    isTraced ? traceOf(rows) : fragment``,
    fragment`
    FROM ROWS FROM (
      generate_series(1, (SELECT ${rows.length}::int)),
      unnest(${textList(rows.map((r) => r.url))}::text[]),
      unnest(${textList(rows.map((r) => r.placement.orderKey))}::text[]),
      unnest(${textList(rows.map((r) => r.placement.dedupe?.key ?? null))}::text[]),
      unnest(${textList(rows.map((r) => r.placement.dedupe?.forMs ?? null))}::float8[])
    ) AS new (position, url, order_key, dedupe_key, dedupe_for_ms)
    JOIN head ON head.number = ((SELECT ${plainList(heads.numbers)}::int[]))[position]
    JOIN terms ON terms.number = ((SELECT ${plainList(terms.numbers)}::int[]))[position]`,
  )
}

/** Those that are spawned by one call have one trace. */
function traceOf(rows: readonly StoredRequest[]) {
  const { values, numbers } = distinct(rows, ['traceContext'])
  return fragment`,
      ((SELECT ${textList(values.map((r) => r.traceContext))}::text[]))[((SELECT ${plainList(numbers)}::int[]))[position]]`
}

interface Head extends Pick<StoredRequest, 'channel' | 'method' | 'encryptionKey'> {
  origin: string
  /** JSON. */
  headers: string
}

function headsOf(rows: readonly StoredRequest[]): Head[] {
  let last: StoredRequest['headers'] = null
  let text = 'null'
  return rows.map(({ channel, method, url, headers, encryptionKey }) => {
    // Most have the same ones, which are then written out once, and one text is quickly compared with itself.
    if (!isSame(headers, last)) text = JSON.stringify(headers)
    last = headers
    return { channel, method, origin: originOf(url), headers: text, encryptionKey }
  })
}

function isSame(one: StoredRequest['headers'], other: StoredRequest['headers']): boolean {
  if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return one === other
  for (const [index, [name, value]] of one.entries()) {
    if (name !== other[index]?.[0] || value !== other[index]?.[1]) return false
  }
  return true
}
