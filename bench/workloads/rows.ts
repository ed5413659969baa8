import type { Client } from 'pg'
import { CHANNEL } from '../systems/system.ts'

/** Requests that are written by hand, as any SQL may: millions of them, where spawning would take too long. */
export interface PendingRows {
  targetUrl: string
  /** The first id; the others follow. */
  from: number
  count: number
  /** The channels are filled in turns. */
  channels?: readonly string[]
  priority?: number
  /** Due in so many seconds; the first one of those that are due now has been so for the longest. */
  dueInSeconds?: number
}

const CHUNK = 200_000

/** Writes requests that wait to be sent. */
export async function insertPending(client: Client, rows: PendingRows): Promise<void> {
  const { targetUrl, from, count, channels = [CHANNEL], priority = 5, dueInSeconds = 0 } = rows
  for (let done = 0; done < count; done += CHUNK) {
    await client.query(
      `INSERT INTO requeuest_request (id, channel, method, url, headers, body, priority, run_at)
      SELECT uuidv7(), ($1::text[])[1 + i % cardinality($1::text[])], 'POST', $2 || '/' || i,
        '[["content-type", "application/json"]]', decode(repeat('78', 200), 'hex'), $3,
        statement_timestamp() + $4 * interval '1 second' - ($5 - i) * interval '1 millisecond'
      FROM generate_series($6::int, $7::int) AS i`,
      [
        channels,
        targetUrl,
        priority,
        dueInSeconds,
        from + count,
        from + done,
        from + Math.min(done + CHUNK, count) - 1,
      ],
    )
  }
}

/** Writes requests that were delivered long ago, each with its attempt. */
export async function insertFinished(client: Client, targetUrl: string, count: number): Promise<void> {
  // Spares two million look-ups of rows that were just written.
  await client.query('SET session_replication_role = replica')
  for (let done = 0; done < count; done += CHUNK) {
    await client.query(
      `WITH request AS (
        INSERT INTO requeuest_request (
          id, channel, method, url, headers, body, state, attempt_count, run_at, created_at, finished_at)
        SELECT uuidv7(), $1, 'POST', $2 || '/0', '[["content-type", "application/json"]]',
          decode(repeat('78', 200), 'hex'), 'delivered', 1, past.at, past.at, past.at
        FROM generate_series(1, $3::int) CROSS JOIN (SELECT statement_timestamp() - interval '1 day' AS at) AS past
        RETURNING id, finished_at)
      INSERT INTO requeuest_attempt (
        request_id, number, outcome, started_at, duration_ms, worker_id, status, headers, body, body_size, remote_address)
      SELECT id, 1, 'accepted', finished_at, 3, 'worker', 200, '[["Content-Type", "text/plain"], ["Content-Length", "2"]]',
        'ok', 2, '127.0.0.1'
      FROM request`,
      [CHANNEL, targetUrl, Math.min(CHUNK, count - done)],
    )
  }
  await client.query('RESET session_replication_role')
}
