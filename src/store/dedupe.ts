import { originOf } from '../message/origin.ts'
import type { Dedupe } from '../policy/request.ts'
import type { PrismaTransactionLike } from './db.ts'
import { base64, plainList, textList } from './lists.ts'
import { rulesOf } from './policy.ts'
import type { StoredRequest } from './requests.ts'

/** The request that has a key of its channel. */
export interface HolderRow {
  key: string
  id: string
  orderKey: string | null
  /** It waits for its first attempt. */
  isUntried: boolean
  /** The time for which it was to have the key has passed. */
  isOver: boolean
}

export function selectHolders(db: PrismaTransactionLike, channel: string, keys: readonly string[]) {
  return db.$queryRaw<HolderRow[]>`
    SELECT /* requeuest:selectHolders */ dedupe_key AS key, id::text, order_key AS "orderKey",
      state = 'pending' AND attempt_count = 0 AS "isUntried",
      dedupe_until IS NOT NULL AND dedupe_until <= statement_timestamp() AS "isOver"
    FROM requeuest_request
    WHERE channel = ${channel} AND dedupe_key = ANY(${textList(keys)}::text[]) AND NOT dedupe_over`
}

/** Locks those of the requests that still have their key, so that they stay what they are. */
export function lockHolders(db: PrismaTransactionLike, ids: readonly string[]) {
  return db.$queryRaw<Pick<HolderRow, 'id' | 'isUntried'>[]>`
    SELECT /* requeuest:lockHolders */ id::text, state = 'pending' AND attempt_count = 0 AS "isUntried" FROM requeuest_request
    WHERE id = ANY(${plainList(ids)}::uuid[]) AND NOT dedupe_over ORDER BY id FOR NO KEY UPDATE`
}

/** Takes requests away that nobody else has seen yet. */
export function withdrawRequests(db: PrismaTransactionLike, ids: readonly string[]) {
  return db.$executeRaw`DELETE /* requeuest:withdrawRequests */ FROM requeuest_request WHERE id = ANY(${plainList(ids)}::uuid[])`
}

/** Takes the keys from requests, so that others can have them. */
export function releaseKeys(db: PrismaTransactionLike, ids: readonly string[]) {
  return db.$executeRaw`
    UPDATE /* requeuest:releaseKeys */ requeuest_request SET dedupe_over = true WHERE id = ANY(${plainList(ids)}::uuid[]) AND NOT dedupe_over`
}

/**
 * Writes new content and options into requests that wait for their first attempt, and are locked.
 *
 * It is an insert that always finds its row: so each is looked up in the primary key, however many the planner expects,
 * where it might compare each with each for a join. Not being pending, what it would insert takes no place in a line.
 */
export function replaceUntried(db: PrismaTransactionLike, requests: readonly (StoredRequest & { dedupe: Dedupe })[]) {
  const records = requests.map(({ body, placement: { due, expiry, retry, ...placement }, dedupe, ...request }) => ({
    ...request,
    origin: originOf(request.url),
    ...placement,
    ...retry,
    ...due,
    body: body && base64(body),
    onStatus: rulesOf(placement),
    expiresAtMs: expiry && 'atMs' in expiry ? expiry.atMs : null,
    expiresAfterMs: expiry && 'afterMs' in expiry ? expiry.afterMs : null,
    dedupeForMs: dedupe.forMs,
  }))
  return db.$executeRaw`
      INSERT /* requeuest:replaceUntried */ INTO requeuest_request AS request (
        id, channel, state, priority, after_failure, method, url, origin, headers, body, encryption_key, accept,
        timeout_ms, max_redirects, max_attempts, backoff_base_ms, backoff_factor, backoff_max_ms, backoff_jitter, backoff_delays_ms, on_status,
        run_at, expires_at, dedupe_until)
      SELECT id, channel, 'cancelled', priority, "afterFailure"::requeuest_after_failure, method, url, origin, headers,
        decode(body, 'base64'), "encryptionKey", accept, "timeoutMs", "maxRedirects", "maxAttempts", "baseMs", factor,
        "maxMs", jitter::requeuest_jitter, "delaysMs", "onStatus",
        coalesce(to_timestamp("atMs" / 1000), statement_timestamp() + "delayMs" * interval '1 millisecond'),
        coalesce(
          to_timestamp("expiresAtMs" / 1000), statement_timestamp() + "expiresAfterMs" * interval '1 millisecond'),
        statement_timestamp() + "dedupeForMs" * interval '1 millisecond'
      FROM jsonb_to_recordset(${JSON.stringify(records)}::text::jsonb) AS new (
        id uuid, channel text, priority smallint, "afterFailure" text, method text, url text, origin text, headers jsonb, body text,
        "encryptionKey" text, accept text[], "timeoutMs" int, "maxRedirects" smallint, "maxAttempts" int, "baseMs" int,
        factor float8, "maxMs" int, jitter text, "delaysMs" int[], "onStatus" jsonb, "atMs" float8, "delayMs" float8, "expiresAtMs" float8,
        "expiresAfterMs" float8, "dedupeForMs" float8)
      ORDER BY id
      ON CONFLICT (id) DO UPDATE SET
        priority = excluded.priority, after_failure = excluded.after_failure, method = excluded.method,
        url = excluded.url, origin = excluded.origin, headers = excluded.headers, body = excluded.body,
        encryption_key = excluded.encryption_key, accept = excluded.accept, timeout_ms = excluded.timeout_ms,
        max_redirects = excluded.max_redirects, max_attempts = excluded.max_attempts,
        backoff_base_ms = excluded.backoff_base_ms, backoff_factor = excluded.backoff_factor,
        backoff_max_ms = excluded.backoff_max_ms, backoff_jitter = excluded.backoff_jitter,
        backoff_delays_ms = excluded.backoff_delays_ms, on_status = excluded.on_status, run_at = excluded.run_at,
        expires_at = excluded.expires_at, dedupe_until = excluded.dedupe_until`
}
