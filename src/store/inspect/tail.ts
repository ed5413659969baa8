import type { AttemptOutcome } from '../../policy/attempt.ts'
import type { PrismaTransactionLike } from '../db.ts'
import { textList } from '../lists.ts'
import type { Span } from '../matches.ts'

export interface TailRow {
  requestId: string
  number: number
  channel: string
  method: string
  url: string
  outcome: AttemptOutcome
  status: number | null
  errorCode: string | null
  durationMs: number
  workerId: string
  endedAtMs: number
}

/** Null asks for nothing. */
export interface TailTerms {
  channels: readonly string[] | null
  outcomes: readonly string[] | null
  status: Span
}

/** Longer ones are not looked for: the index is in the time when attempts began. */
const LONGEST_S = 300

/**
 * Up to `limit` attempts that ended at a time or later and took at most five minutes, in the order in which they ended.
 *
 * @param except - those that are known already, as `request id/number`
 */
export function tailAttempts(
  db: PrismaTransactionLike,
  { channels, outcomes, status }: TailTerms,
  fromMs: number,
  except: readonly string[],
  limit: number,
) {
  return db.$queryRaw<TailRow[]>`
    SELECT /* requeuest:tailAttempts */ attempt.request_id::text AS "requestId", number, request.channel, left(request.method, 1000) AS method,
      left(request.url, 10000) AS url, outcome::text, status, error_code AS "errorCode", duration_ms AS "durationMs",
      worker_id AS "workerId",
      (extract(epoch FROM started_at) * 1000 + duration_ms)::float8 AS "endedAtMs"
    FROM requeuest_attempt AS attempt JOIN requeuest_request AS request ON request.id = attempt.request_id
    WHERE started_at >= to_timestamp(${fromMs}::float8 / 1000) - ${LONGEST_S}::int * interval '1 second'
      AND started_at + duration_ms * interval '1 millisecond' >= to_timestamp(${fromMs}::float8 / 1000)
      AND attempt.request_id::text || '/' || number <> ALL (${textList(except)}::text[])
      AND (${channels && textList(channels)}::text[] IS NULL OR request.channel = ANY (${channels && textList(channels)}::text[]))
      AND (${outcomes && textList(outcomes)}::text[] IS NULL OR outcome::text = ANY (${outcomes && textList(outcomes)}::text[]))
      AND (${status.from}::int IS NULL OR status >= ${status.from}::int)
      AND (${status.until}::int IS NULL OR status < ${status.until}::int)
    ORDER BY "endedAtMs", 1, 2 LIMIT ${limit}::int`
}
