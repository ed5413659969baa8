import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { AttemptFact, Move, RequestFact } from './history.ts'
import { until } from './until.ts'

/** A database that does not answer for so long will not do so any more. */
const INSIST_MS = 120_000
/** How long a worker may take to claim what there is for it. */
const HELD_MS = 60_000

/** The lab's own view of the database: it must outlive the faults that it causes. */
export class LabDatabase {
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  /** Every statement has a connection of its own, which the faults may take with them. */
  async #query<T extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<T[]> {
    const client = new pg.Client({ connectionString: this.#url, connectionTimeoutMillis: 5000, query_timeout: 60_000 })
    client.on('error', () => {})
    try {
      await client.connect()
      return (await client.query<T>(sql, values)).rows
    } finally {
      await client.end().catch(() => {})
    }
  }

  /** Asks until there is an answer: after a crash the database takes a moment. */
  async #insist<T extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<T[]> {
    const startedAt = performance.now()
    for (;;) {
      try {
        return await this.#query<T>(sql, values)
      } catch (error) {
        if (performance.now() - startedAt > INSIST_MS) throw error
        await sleep(50)
      }
    }
  }

  async #count(sql: string, values: unknown[] = []): Promise<number> {
    const [row] = await this.#insist<{ count: string }>(sql, values)
    return Number(row?.count)
  }

  async installAudit(): Promise<void> {
    await this.#query(AUDIT)
  }

  /**
   * Makes time pass for the leases of these worker processes, which are dead or stopped. Others' leases stay: a
   * worker that runs is promised its own.
   */
  async expireLeases(pids: readonly number[]): Promise<void> {
    await this.#insist(
      `UPDATE requeuest_request SET lease_until = statement_timestamp()
       WHERE id IN (
           SELECT id FROM requeuest_request WHERE state = 'claimed'
           UNION ALL SELECT id FROM requeuest_request WHERE unblock_due)
         AND lease_until > statement_timestamp() AND split_part(claimed_by, ':', 2)::int = ANY($1::int[])`,
      [pids],
    )
    // Nobody else sends anything to the receiver while one probes it.
    await this.#insist(
      `UPDATE requeuest_limit SET probe_until = statement_timestamp()
       WHERE probe_until > statement_timestamp() AND split_part(probed_by, ':', 2)::int = ANY($1::int[])`,
      [pids],
    )
  }

  /** The requests that this worker process holds. */
  async heldBy(pid: number): Promise<string[]> {
    const rows = await this.#insist<{ id: string }>(
      "SELECT id::text FROM requeuest_request WHERE state = 'claimed' AND split_part(claimed_by, ':', 2)::int = $1",
      [pid],
    )
    return rows.map((row) => row.id)
  }

  /** Resolves when this worker process holds so many. */
  async untilHeldBy(pid: number, count: number): Promise<void> {
    const isHeld = await until(HELD_MS, 20, async () => (await this.heldBy(pid)).length >= count)
    if (!isHeld) throw new Error(`the worker ${pid} does not hold ${count} requests after ${HELD_MS} ms`)
  }

  /** How many of these are claimed. */
  countClaimed(ids: readonly string[]): Promise<number> {
    return this.#count("SELECT count(*) FROM requeuest_request WHERE state = 'claimed' AND id = ANY($1::uuid[])", [ids])
  }

  countUnfinished(): Promise<number> {
    return this.#count("SELECT count(*) FROM requeuest_request WHERE state IN ('pending', 'claimed')")
  }

  /** Since the server's last crash, which takes the counters along. */
  countDeadlocks(): Promise<number> {
    return this.#count('SELECT deadlocks AS count FROM pg_stat_database WHERE datname = current_database()')
  }

  /** Writes requests by hand, which are as valid as others. */
  async insert(url: string, timeoutMs: number, count: number): Promise<void> {
    await this.#query(
      `INSERT INTO requeuest_request (id, channel, url, timeout_ms, body)
       SELECT id, 'by-hand', $1, $2, convert_to(id::text, 'UTF8')
       FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, $3)) AS made`,
      [url, timeoutMs, count],
    )
  }

  /** Ends every connection but its own. */
  async terminateBackends(): Promise<number> {
    const rows = await this.#insist(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    )
    return rows.length
  }

  requests(): Promise<RequestFact[]> {
    return this.#insist<RequestFact & pg.QueryResultRow>(
      `SELECT id::text, channel, state::text, failure_code AS "failureCode", attempt_count AS "attemptCount",
         channel || '/' || order_key AS line,
         (extract(epoch FROM finished_at) * 1000)::float8 AS "finishedAt" FROM requeuest_request`,
    )
  }

  attempts(): Promise<AttemptFact[]> {
    return this.#insist<AttemptFact & pg.QueryResultRow>(
      `SELECT request_id::text AS id, number, outcome::text, status, convert_from(body, 'UTF8') AS body,
         split_part(worker_id, ':', 2)::int AS "workerPid",
         (extract(epoch FROM started_at) * 1000)::float8 AS "startedAt"
       FROM requeuest_attempt ORDER BY request_id, number`,
    )
  }

  moves(): Promise<Move[]> {
    return this.#insist<Move & pg.QueryResultRow>(
      `SELECT seq::int, request_id::text AS id, from_state AS "from", to_state AS "to",
         count_before AS "countBefore", count_after AS "countAfter",
         by, lease_over AS "leaseOver", (extract(epoch FROM at) * 1000)::float8 AS at FROM lab_move ORDER BY seq`,
    )
  }
}

/** The lab's programs name their connections by their process ids, which tells who made a move. */
const AUDIT = `
  CREATE TABLE lab_move (
    seq bigserial PRIMARY KEY, request_id uuid NOT NULL, from_state text, to_state text,
    count_before int NOT NULL, count_after int NOT NULL, lease_over boolean NOT NULL,
    by int DEFAULT substring(current_setting('application_name') FROM '^[0-9]+$')::int,
    at timestamptz NOT NULL DEFAULT clock_timestamp());

  CREATE FUNCTION lab_note_move() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF TG_OP = 'INSERT' THEN
      INSERT INTO lab_move (request_id, to_state, count_before, count_after, lease_over)
      VALUES (NEW.id, NEW.state, 0, NEW.attempt_count, false);
    ELSIF TG_OP = 'DELETE' THEN
      INSERT INTO lab_move (request_id, from_state, count_before, count_after, lease_over)
      VALUES (OLD.id, OLD.state, OLD.attempt_count, 0, false);
    ELSIF OLD.state <> NEW.state OR OLD.attempt_count <> NEW.attempt_count THEN
      INSERT INTO lab_move (request_id, from_state, to_state, count_before, count_after, lease_over)
      VALUES (NEW.id, OLD.state, NEW.state, OLD.attempt_count, NEW.attempt_count,
        coalesce(OLD.lease_until < statement_timestamp(), false));
    END IF;
    RETURN NULL;
  END $$;

  CREATE TRIGGER lab_note_move AFTER INSERT OR UPDATE OR DELETE ON requeuest_request
    FOR EACH ROW EXECUTE FUNCTION lab_note_move();`
