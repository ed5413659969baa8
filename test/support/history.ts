import type pg from 'pg'

const CHUNK = 500_000
const CHANNELS = 3
const RECEIVERS = 7

/**
 * Writes the history of a busy queue: one request a second until now, each with an attempt, for up to ten receivers. One of a
 * thousand has failed, and as many are due, delayed and in a line. Triggers are not run: that takes a tenth of the time.
 */
export async function insertHistory(client: pg.Client, count: number): Promise<void> {
  await client.query('SET session_replication_role = replica')
  for (let from = 1; from <= count; from += CHUNK)
    await insertPart(client, from, Math.min(from + CHUNK - 1, count), count)
  await client.query('RESET session_replication_role')
}

async function insertPart(client: pg.Client, from: number, to: number, count: number): Promise<void> {
  await client.query(`
    WITH request AS (
      INSERT INTO requeuest_request (
        id, channel, url, origin, state, order_key, order_seq, blocked, attempt_count, run_at, created_at, finished_at, failure_code)
      SELECT ${idOf('n')}, 'channel-' || n % ${CHANNELS}, origin || '/orders/' || n, origin, state::requeuest_request_state,
        CASE WHEN n % 1000 = 3 THEN 'line-' || n % 7 END, CASE WHEN n % 1000 = 3 THEN n END, n % 1000 = 3,
        CASE state WHEN 'pending' THEN 0 ELSE 1 END,
        CASE WHEN n % 1000 = 2 THEN now() + interval '1 hour' ELSE at END, at,
        CASE WHEN state <> 'pending' THEN at END, CASE state WHEN 'failed' THEN 'rejected' END
      FROM generate_series(${from}, ${to}) AS n
      CROSS JOIN LATERAL (SELECT 'https://receiver-' || n % ${RECEIVERS} || '.example.com' AS origin,
        now() - (${count} - n) * interval '1 second' AS at,
        CASE n % 1000 WHEN 0 THEN 'failed' WHEN 1 THEN 'pending' WHEN 2 THEN 'pending' WHEN 3 THEN 'pending' ELSE 'delivered' END AS state) AS one
      RETURNING id, state, created_at)
    INSERT INTO requeuest_attempt (request_id, number, outcome, started_at, duration_ms, worker_id, status, headers, body)
    SELECT id, 1, CASE state WHEN 'failed' THEN 'rejected' ELSE 'accepted' END::requeuest_attempt_outcome, created_at, 12,
      'worker-1', CASE state WHEN 'failed' THEN 503 ELSE 200 END, '[["content-type", "application/json"]]', '{"ok":true}'
    FROM request WHERE state <> 'pending'`)
}

/** An id of version 7, in the order of the numbers. */
const idOf = (number: string) => `(lpad(to_hex(1760000000000 + ${number}), 12, '0') || '70008000000000000000')::uuid`

/** Writes the counts of a day in which ten channels and more than 50 origins were busy in every minute, in the order of time. */
export async function insertActivity(client: pg.Client): Promise<void> {
  await client.query(`
    INSERT INTO requeuest_activity (kind, minutes, at, name, attempts, accepted, delivered, failed, total_ms, latency)
    SELECT kind::requeuest_limit_kind, minutes, at, name, 1000, 900, 800, 100, 1000000, (SELECT array_agg(n * 10) FROM generate_series(1, 36) AS n)
    FROM unnest(ARRAY[1, 10, 30]) AS minutes
    CROSS JOIN LATERAL (
      SELECT to_timestamp((floor(extract(epoch FROM now()) / 60 / minutes) - back) * 60 * minutes) AS at
      FROM generate_series(0, 61) AS back) AS span
    CROSS JOIN (
      SELECT 'channel' AS kind, 'channel-' || n AS name FROM generate_series(1, 10) AS n
      UNION ALL SELECT 'origin', 'https://api-' || n || '.example.com' FROM generate_series(1, 50) AS n
      UNION ALL SELECT 'origin', '') AS named
    ORDER BY at, minutes, kind, name`)
}
