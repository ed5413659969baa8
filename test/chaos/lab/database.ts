import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { AttemptFact, Move, RequestFact } from './history.ts'

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
    for (let failures = 0; ; failures++) {
      try {
        return await this.#query<T>(sql, values)
      } catch (error) {
        if (failures >= 300) throw error
        await sleep(50)
      }
    }
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
       WHERE (state = 'claimed' OR passes_turn) AND lease_until > statement_timestamp()
         AND split_part(claimed_by, ':', 2)::int = ANY($1::int[])`,
      [pids],
    )
  }

  async terminateBackends(): Promise<void> {
    await this.#insist(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    )
  }

  /** A process that every Postgres server has, and has anew after a crash. */
  async checkpointer(): Promise<number | undefined> {
    const rows = await this.#insist<{ pid: number }>(
      "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'",
    )
    return rows[0]?.pid
  }

  async countUnfinished(): Promise<number> {
    const rows = await this.#insist<{ count: number }>(
      "SELECT count(*)::int AS count FROM requeuest_request WHERE state IN ('pending', 'claimed')",
    )
    return rows[0]?.count ?? 0
  }

  requests(): Promise<RequestFact[]> {
    return this.#insist<RequestFact & pg.QueryResultRow>(
      `SELECT id::text, state::text, failure_code AS "failureCode", attempt_count AS "attemptCount",
         channel || '/' || order_key AS line FROM requeuest_request`,
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
         (extract(epoch FROM at) * 1000)::float8 AS at FROM lab_move ORDER BY seq`,
    )
  }
}

const AUDIT = `
  CREATE TABLE lab_move (
    seq bigserial PRIMARY KEY, request_id uuid NOT NULL, from_state text, to_state text,
    count_before int NOT NULL, count_after int NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());

  CREATE FUNCTION lab_note_move() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF TG_OP = 'INSERT' THEN
      INSERT INTO lab_move (request_id, to_state, count_before, count_after)
      VALUES (NEW.id, NEW.state, 0, NEW.attempt_count);
    ELSIF TG_OP = 'DELETE' THEN
      INSERT INTO lab_move (request_id, from_state, count_before, count_after)
      VALUES (OLD.id, OLD.state, OLD.attempt_count, 0);
    ELSIF OLD.state <> NEW.state OR OLD.attempt_count <> NEW.attempt_count THEN
      INSERT INTO lab_move (request_id, from_state, to_state, count_before, count_after)
      VALUES (NEW.id, OLD.state, NEW.state, OLD.attempt_count, NEW.attempt_count);
    END IF;
    RETURN NULL;
  END $$;

  CREATE TRIGGER lab_note_move AFTER INSERT OR UPDATE OR DELETE ON requeuest_request
    FOR EACH ROW EXECUTE FUNCTION lab_note_move();`
