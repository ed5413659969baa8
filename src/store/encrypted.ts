import { LARGEST_COLUMN_BYTES, LARGEST_STORED_BYTES } from '../message/largest.ts'
import type { StoredContent } from '../message/message.ts'
import type { PrismaTransactionLike } from './db.ts'
import { joinBytes, plainList, textList } from './lists.ts'

/** Bytes of bodies after which a batch has no more rows: on its way out of the database each is copied several times. */
const BATCH_BYTES = 8_388_608

export interface EncryptedRequest extends StoredContent {
  id: string
}

export interface EncryptedAttempt extends StoredContent {
  requestId: string
  number: number
}

/**
 * Some of the requests that are encrypted with `key`, at least one and up to `limit`, in the order of their ids, behind the given
 * one. What is too large to be read has headers instead that cannot be decrypted.
 */
export function selectRequestsOfKey(db: PrismaTransactionLike, key: string, behind: string | null, limit: number) {
  return db.$queryRaw<EncryptedRequest[]>`
    SELECT /* requeuest:selectRequestsOfKey */ id::text,
      CASE WHEN pg_column_size(headers) > ${LARGEST_COLUMN_BYTES}::int OR octet_length(body) > ${LARGEST_STORED_BYTES}::int
        THEN '"#"' ELSE headers END AS headers,
      CASE WHEN octet_length(body) <= ${LARGEST_STORED_BYTES}::int THEN body END AS body,
      encryption_key AS "encryptionKey"
    FROM (
      SELECT id, headers, body, encryption_key, sum(octet_length(body)) OVER (ORDER BY id) AS bytes
      FROM requeuest_request
      WHERE encryption_key = ${key}
        AND id >= coalesce(${behind}::uuid, '00000000-0000-0000-0000-000000000000') AND id IS DISTINCT FROM ${behind}::uuid
      ORDER BY id LIMIT ${limit}) AS batch
    WHERE coalesce(bytes - octet_length(body), bytes, 0) < ${BATCH_BYTES}::int ORDER BY id`
}

/** As {@link selectRequestsOfKey}, for attempts, in the order of their keys. */
export function selectAttemptsOfKey(
  db: PrismaTransactionLike,
  key: string,
  behind: { requestId: string; number: number },
  limit: number,
) {
  return db.$queryRaw<EncryptedAttempt[]>`
    SELECT /* requeuest:selectAttemptsOfKey */ request_id::text AS "requestId", number,
      CASE WHEN pg_column_size(headers) > ${LARGEST_COLUMN_BYTES}::int OR octet_length(body) > ${LARGEST_STORED_BYTES}::int
        THEN '"#"' ELSE headers END AS headers,
      CASE WHEN octet_length(body) <= ${LARGEST_STORED_BYTES}::int THEN body END AS body,
      encryption_key AS "encryptionKey"
    FROM (
      SELECT request_id, number, headers, body, encryption_key,
        sum(octet_length(body)) OVER (ORDER BY request_id, number) AS bytes
      FROM requeuest_attempt
      WHERE encryption_key = ${key} AND (request_id, number) > (${behind.requestId}::uuid, ${behind.number}::int)
      ORDER BY request_id, number LIMIT ${limit}) AS batch
    WHERE coalesce(bytes - octet_length(body), bytes, 0) < ${BATCH_BYTES}::int ORDER BY request_id, number`
}

export interface EncryptedSchedule extends StoredContent {
  name: string
}

/** As {@link selectRequestsOfKey}, for schedules, by name. */
export function selectSchedulesOfKey(db: PrismaTransactionLike, key: string, behind: string, limit: number) {
  return db.$queryRaw<EncryptedSchedule[]>`
    SELECT /* requeuest:selectSchedulesOfKey */ name,
      CASE WHEN pg_column_size(headers) > ${LARGEST_COLUMN_BYTES}::int OR octet_length(body) > ${LARGEST_STORED_BYTES}::int
        THEN '"#"' ELSE headers END AS headers,
      CASE WHEN octet_length(body) <= ${LARGEST_STORED_BYTES}::int THEN body END AS body,
      encryption_key AS "encryptionKey"
    FROM (
      SELECT name, headers, body, encryption_key, sum(octet_length(body)) OVER (ORDER BY name) AS bytes
      FROM requeuest_schedule WHERE encryption_key = ${key} AND name > ${behind}
      ORDER BY name LIMIT ${limit}) AS batch
    WHERE coalesce(bytes - octet_length(body), bytes, 0) < ${BATCH_BYTES}::int ORDER BY name`
}

/**
 * Puts new contents into requests that are still encrypted with `oldKey` and that nobody has locked. A body that retention
 * has deleted since it was read stays deleted.
 */
export function replaceRequestContents(
  db: PrismaTransactionLike,
  oldKey: string,
  requests: readonly EncryptedRequest[],
) {
  const bodies = joinBytes(requests.map((request) => request.body))
  return db.$executeRaw`
    UPDATE /* requeuest:replaceRequestContents */ requeuest_request AS request SET
      headers = new.headers::jsonb, encryption_key = new.key,
      body = CASE WHEN request.body IS NOT NULL THEN substring(${bodies.bytes}::bytea FROM new.start FOR new.length) END
    FROM unnest(
      ${plainList(requests.map((request) => request.id))}::uuid[],
      ${textList(requests.map((request) => JSON.stringify(request.headers)))}::text[],
      ${bodies.starts}::int[],
      ${bodies.lengths}::int[],
      ${textList(requests.map((request) => request.encryptionKey))}::text[]
    ) AS new (id, headers, start, length, key)
    JOIN LATERAL (
      SELECT id FROM requeuest_request
      WHERE id = new.id AND encryption_key = ${oldKey} FOR NO KEY UPDATE SKIP LOCKED) AS free ON true
    WHERE request.id = free.id`
}

/** As {@link replaceRequestContents}, for attempts. */
export function replaceAttemptContents(
  db: PrismaTransactionLike,
  oldKey: string,
  attempts: readonly EncryptedAttempt[],
) {
  const bodies = joinBytes(attempts.map((attempt) => attempt.body))
  return db.$executeRaw`
    UPDATE /* requeuest:replaceAttemptContents */ requeuest_attempt AS attempt SET
      headers = new.headers::jsonb, encryption_key = new.key,
      body = CASE WHEN attempt.body IS NOT NULL THEN substring(${bodies.bytes}::bytea FROM new.start FOR new.length) END
    FROM unnest(
      ${plainList(attempts.map((attempt) => attempt.requestId))}::uuid[],
      ${plainList(attempts.map((attempt) => attempt.number))}::int[],
      ${textList(attempts.map((attempt) => attempt.headers && JSON.stringify(attempt.headers)))}::text[],
      ${bodies.starts}::int[],
      ${bodies.lengths}::int[],
      ${textList(attempts.map((attempt) => attempt.encryptionKey))}::text[]
    ) AS new (request_id, number, headers, start, length, key)
    JOIN LATERAL (
      SELECT request_id, number FROM requeuest_attempt
      WHERE request_id = new.request_id AND number = new.number AND encryption_key = ${oldKey}
      FOR NO KEY UPDATE SKIP LOCKED) AS free ON true
    WHERE attempt.request_id = free.request_id AND attempt.number = free.number`
}

/** As {@link replaceRequestContents}, for schedules. */
export function replaceScheduleContents(
  db: PrismaTransactionLike,
  oldKey: string,
  schedules: readonly EncryptedSchedule[],
) {
  const bodies = joinBytes(schedules.map((schedule) => schedule.body))
  return db.$executeRaw`
    UPDATE /* requeuest:replaceScheduleContents */ requeuest_schedule AS schedule SET
      headers = new.headers::jsonb, body = substring(${bodies.bytes}::bytea FROM new.start FOR new.length), encryption_key = new.key
    FROM unnest(
      ${textList(schedules.map((schedule) => schedule.name))}::text[],
      ${textList(schedules.map((schedule) => JSON.stringify(schedule.headers)))}::text[],
      ${bodies.starts}::int[],
      ${bodies.lengths}::int[],
      ${textList(schedules.map((schedule) => schedule.encryptionKey))}::text[]
    ) AS new (name, headers, start, length, key)
    JOIN LATERAL (
      SELECT name FROM requeuest_schedule
      WHERE name = new.name AND encryption_key = ${oldKey} FOR NO KEY UPDATE SKIP LOCKED) AS free ON true
    WHERE schedule.name = free.name`
}
