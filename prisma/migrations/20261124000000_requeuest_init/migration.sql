-- Every statement may run twice: `requeuest.migrate()` and `prisma migrate deploy` can follow each other
-- under different migration names.

DO $$ BEGIN
  CREATE TYPE "requeuest_request_state" AS ENUM ('pending', 'claimed', 'delivered', 'failed', 'cancelled');
EXCEPTION WHEN duplicate_object THEN NULL; END $$;

DO $$ BEGIN
  CREATE TYPE "requeuest_jitter" AS ENUM ('full', 'equal', 'none');
EXCEPTION WHEN duplicate_object THEN NULL; END $$;

DO $$ BEGIN
  CREATE TYPE "requeuest_after_failure" AS ENUM ('continue', 'hold');
EXCEPTION WHEN duplicate_object THEN NULL; END $$;

DO $$ BEGIN
  CREATE TYPE "requeuest_attempt_outcome" AS ENUM (
    'accepted', 'rejected', 'timeout', 'network_error', 'blocked', 'invalid', 'expired', 'abandoned', 'unprepared');
EXCEPTION WHEN duplicate_object THEN NULL; END $$;

DO $$ BEGIN
  CREATE TYPE "requeuest_catch_up" AS ENUM ('skip', 'once', 'all');
EXCEPTION WHEN duplicate_object THEN NULL; END $$;

DO $$ BEGIN
  CREATE TYPE "requeuest_breaker" AS ENUM ('closed', 'open', 'half_open');
EXCEPTION WHEN duplicate_object THEN NULL; END $$;

DO $$ BEGIN
  CREATE TYPE "requeuest_scope" AS ENUM ('channel', 'origin');
EXCEPTION WHEN duplicate_object THEN NULL; END $$;

-- What a claim and a settlement write stands at the end: of a row that stays in its page, Postgres then logs only that end.
-- The room for the new versions is left free in each page.
CREATE TABLE IF NOT EXISTS "requeuest_request" (
  "id" UUID NOT NULL,
  "channel" TEXT NOT NULL,
  "priority" SMALLINT NOT NULL DEFAULT 5,
  "order_key" TEXT,
  "order_seq" BIGINT,
  "after_failure" "requeuest_after_failure" NOT NULL DEFAULT 'continue',
  "dedupe_key" TEXT,
  "dedupe_until" TIMESTAMPTZ(3),
  "dedupe_over" BOOLEAN NOT NULL DEFAULT false,
  "method" TEXT NOT NULL DEFAULT 'GET',
  "url" TEXT NOT NULL,
  "origin" TEXT NOT NULL DEFAULT '',
  "headers" JSONB NOT NULL DEFAULT '[]',
  "body" BYTEA,
  "encryption_key" TEXT,
  "accept" TEXT[] DEFAULT ARRAY['2xx']::TEXT[],
  "timeout_ms" INTEGER NOT NULL DEFAULT 30000,
  "max_redirects" SMALLINT NOT NULL DEFAULT 0,
  "max_attempts" INTEGER NOT NULL DEFAULT 100000,
  "backoff_base_ms" INTEGER NOT NULL DEFAULT 1000,
  "backoff_factor" DOUBLE PRECISION NOT NULL DEFAULT 2,
  "backoff_max_ms" INTEGER NOT NULL DEFAULT 3600000,
  "backoff_jitter" "requeuest_jitter" NOT NULL DEFAULT 'full',
  "backoff_delays_ms" INTEGER[],
  "on_status" JSONB,
  "expires_at" TIMESTAMPTZ(3),
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT statement_timestamp(),
  "schedule" TEXT,
  "scheduled_for" TIMESTAMPTZ(3),
  "tries_before" INTEGER NOT NULL DEFAULT 0,
  "bodies_pruned" BOOLEAN NOT NULL DEFAULT false,
  "waits_in_line" BOOLEAN NOT NULL DEFAULT false,
  "passes_turn" BOOLEAN NOT NULL DEFAULT false,
  "handler_errors" INTEGER NOT NULL DEFAULT 0,
  "run_at" TIMESTAMPTZ(3) NOT NULL DEFAULT statement_timestamp(),
  "lease_expiries" SMALLINT NOT NULL DEFAULT 0,
  "state" "requeuest_request_state" NOT NULL DEFAULT 'pending',
  "attempt_count" INTEGER NOT NULL DEFAULT 0,
  "claimed_by" TEXT,
  "claimed_at" TIMESTAMPTZ(3),
  "lease_until" TIMESTAMPTZ(3),
  "failure_code" TEXT,
  "finished_at" TIMESTAMPTZ(3),
  "handler_due_at" TIMESTAMPTZ(3),
  CONSTRAINT "requeuest_request_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "requeuest_request_claim_check" CHECK ("state" <> 'claimed' OR ("lease_until" IS NOT NULL AND "claimed_at" IS NOT NULL AND "claimed_by" IS NOT NULL))
) WITH (fillfactor = 50);

CREATE TABLE IF NOT EXISTS "requeuest_attempt" (
  "request_id" UUID NOT NULL,
  "number" INTEGER NOT NULL,
  "outcome" "requeuest_attempt_outcome" NOT NULL,
  "started_at" TIMESTAMPTZ(3) NOT NULL,
  "duration_ms" INTEGER NOT NULL,
  "worker_id" TEXT NOT NULL,
  "status" SMALLINT,
  "headers" JSONB,
  "body" BYTEA,
  "encryption_key" TEXT,
  "body_truncated" BOOLEAN NOT NULL DEFAULT false,
  "body_size" INTEGER,
  "error_code" TEXT,
  "error_message" TEXT,
  "remote_address" TEXT,
  "rendered" JSONB,
  "next_run_at" TIMESTAMPTZ(3),
  CONSTRAINT "requeuest_attempt_pkey" PRIMARY KEY ("request_id", "number"),
  CONSTRAINT "requeuest_attempt_request_id_fkey" FOREIGN KEY ("request_id")
    REFERENCES "requeuest_request" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- The channels whose requests have a handler. Whatever makes such a request final marks it as due to be handled, whichever
-- process that is, and the handler's transaction takes the mark away.

CREATE TABLE IF NOT EXISTS "requeuest_handler" (
  "channel" TEXT NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT statement_timestamp(),
  CONSTRAINT "requeuest_handler_pkey" PRIMARY KEY ("channel")
);

-- The foreign key would look each attempt's request up once more, although the statement that writes attempts has it
-- locked: a fifth of what that statement costs. Where Postgres can leave that out (18 and later), these do what is left.
CREATE OR REPLACE FUNCTION "requeuest_delete_attempts"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM "requeuest_attempt" WHERE "request_id" = ANY (ARRAY(SELECT "id" FROM gone));
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION "requeuest_move_attempts"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE "requeuest_attempt" SET "request_id" = NEW."id" WHERE "request_id" = OLD."id";
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION "requeuest_truncate_attempts"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RETURN NULL;
END $$;

DO $$ BEGIN
  IF current_setting('server_version_num')::int >= 180000 THEN
    ALTER TABLE "requeuest_attempt" ALTER CONSTRAINT "requeuest_attempt_request_id_fkey" NOT ENFORCED;

    CREATE OR REPLACE TRIGGER "requeuest_delete_attempts" AFTER DELETE ON "requeuest_request"
      REFERENCING OLD TABLE AS gone FOR EACH STATEMENT
      EXECUTE FUNCTION "requeuest_delete_attempts"();

    CREATE OR REPLACE TRIGGER "requeuest_move_attempts" AFTER UPDATE OF "id" ON "requeuest_request"
      FOR EACH ROW WHEN (NEW."id" <> OLD."id")
      EXECUTE FUNCTION "requeuest_move_attempts"();

    -- Does nothing, but a TRUNCATE of both tables is refused while one of them has no trigger.
    CREATE OR REPLACE TRIGGER "requeuest_truncate_attempts" AFTER TRUNCATE ON "requeuest_attempt"
      EXECUTE FUNCTION "requeuest_truncate_attempts"();
  END IF;
END $$;

-- What a hand-made row may not say. Everything finer is for the worker, which fails such a row with its reason. The library
-- checks what it writes, and says so by naming the origin: so its rows are not judged again, which took a quarter of a
-- single insert. A trigger, because CHECKs would be judged anew by every claim and every settlement, which write none of
-- these columns.
CREATE OR REPLACE FUNCTION "requeuest_check_row"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wrong text := CASE
      WHEN NOT (length(NEW."channel") BETWEEN 1 AND 200) THEN 'channel'
      WHEN NOT (NEW."priority" BETWEEN 0 AND 9) THEN 'priority'
      WHEN NOT (length(NEW."order_key") <= 200) THEN 'order_key'
      WHEN NOT (NEW."accept" IS NOT NULL AND cardinality(NEW."accept") > 0) THEN 'accept'
      WHEN NOT (NEW."timeout_ms" BETWEEN 1 AND 86400000) THEN 'timeout_ms'
      WHEN NOT (NEW."max_redirects" BETWEEN 0 AND 20) THEN 'max_redirects'
      WHEN NOT (NEW."max_attempts" >= 1) THEN 'max_attempts'
      WHEN NOT (NEW."backoff_base_ms" >= 0 AND NEW."backoff_max_ms" >= 0 AND NEW."backoff_factor" BETWEEN 1 AND 1000)
        THEN 'backoff'
      WHEN NOT (0 <= ALL (NEW."backoff_delays_ms")) THEN 'backoff_delays'
      WHEN NOT (length(NEW."dedupe_key") BETWEEN 1 AND 200) THEN 'dedupe_key'
    END;
BEGIN
  IF wrong IS NOT NULL THEN
    RAISE check_violation USING
      MESSAGE = format('new row for relation "%s" violates check "requeuest_request_%s_check"', TG_TABLE_NAME, wrong),
      SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = format('requeuest_request_%s_check', wrong);
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER "requeuest_check_new_row" BEFORE INSERT ON "requeuest_request"
  FOR EACH ROW WHEN (NEW."origin" = '')
  EXECUTE FUNCTION "requeuest_check_row"();

CREATE OR REPLACE TRIGGER "requeuest_check_changed_row" BEFORE UPDATE OF
    "channel", "priority", "order_key", "accept", "timeout_ms", "max_redirects", "max_attempts", "backoff_base_ms",
    "backoff_factor", "backoff_max_ms", "backoff_delays_ms", "dedupe_key" ON "requeuest_request"
  FOR EACH ROW
  EXECUTE FUNCTION "requeuest_check_row"();

-- The scheme, host and port that a request goes to, so that a worker can leave out those that are busy.
-- No longer than what a host name can be: what a hand-made row holds must fit into the index. Never '', which means
-- that nobody has looked yet.
CREATE OR REPLACE FUNCTION "requeuest_origin"(url text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(lower(left(substring(url FROM '^[A-Za-z]+://[^/?#\\]*'), 300)), 'none')
$$;

CREATE OR REPLACE FUNCTION "requeuest_note_origin"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW."origin" := "requeuest_origin"(NEW."url");
  RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER "requeuest_note_origin" BEFORE INSERT ON "requeuest_request"
  FOR EACH ROW WHEN (NEW."origin" = '')
  EXECUTE FUNCTION "requeuest_note_origin"();

CREATE OR REPLACE TRIGGER "requeuest_change_origin" BEFORE UPDATE OF "url" ON "requeuest_request"
  FOR EACH ROW WHEN (NEW."url" <> OLD."url")
  EXECUTE FUNCTION "requeuest_note_origin"();

-- The claim reads this index in its own order and stops at the first row that is not due yet, so neither
-- a backlog nor rows that wait for their time cost it anything. Lanes of an origin are found by stepping from one to the next
-- in the second one, as priorities of a channel are in the first. The conditions that always hold keep the two apart: a planner
-- that believes the table empty would take either for either, and read a whole backlog.
CREATE INDEX IF NOT EXISTS "requeuest_request_ready_idx"
  ON "requeuest_request" ("channel", "priority", "run_at", "id")
  WHERE "state" = 'pending' AND NOT "waits_in_line" AND "priority" >= 0;

CREATE INDEX IF NOT EXISTS "requeuest_request_lane_idx"
  ON "requeuest_request" ("channel", "origin", "priority", "run_at", "id")
  WHERE "state" = 'pending' AND NOT "waits_in_line" AND "origin" <> '';

CREATE INDEX IF NOT EXISTS "requeuest_request_lease_idx"
  ON "requeuest_request" ("lease_until") WHERE "state" = 'claimed';

CREATE INDEX IF NOT EXISTS "requeuest_request_expiry_idx"
  ON "requeuest_request" ("expires_at") WHERE "state" = 'pending' AND "expires_at" IS NOT NULL;

-- A channel has one request with a key at a time; requests without one are not in it.
CREATE UNIQUE INDEX IF NOT EXISTS "requeuest_request_dedupe_idx"
  ON "requeuest_request" ("channel", "dedupe_key") WHERE "dedupe_key" IS NOT NULL AND NOT "dedupe_over";

-- Final requests that are old enough are deleted by the upkeep, or lose their bodies: their order is that in which they are
-- done with.
CREATE INDEX IF NOT EXISTS "requeuest_request_final_idx"
  ON "requeuest_request" ("state", "bodies_pruned", "finished_at") WHERE "finished_at" IS NOT NULL;

CREATE INDEX IF NOT EXISTS "requeuest_request_handler_idx"
  ON "requeuest_request" ("channel", "handler_due_at") WHERE "handler_due_at" IS NOT NULL;

-- What an old key still holds has to be found, without a look at every row there ever was.
CREATE INDEX IF NOT EXISTS "requeuest_request_key_idx"
  ON "requeuest_request" ("encryption_key", "id") WHERE "encryption_key" IS NOT NULL;

CREATE INDEX IF NOT EXISTS "requeuest_attempt_key_idx"
  ON "requeuest_attempt" ("encryption_key", "request_id", "number") WHERE "encryption_key" IS NOT NULL;

-- A queue table turns over many times a day: vacuum by count of dead rows, not by a share of the table. Attempts are only
-- inserted until retention deletes them, so a small share of dead rows is worth a vacuum. What is left of long bodies lies in the
-- tables beside.
ALTER TABLE "requeuest_request" SET (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
  autovacuum_analyze_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0,
  toast.autovacuum_vacuum_scale_factor = 0.01, toast.autovacuum_vacuum_threshold = 5000,
  toast.autovacuum_vacuum_cost_delay = 0
);
ALTER TABLE "requeuest_attempt" SET (
  autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0,
  toast.autovacuum_vacuum_scale_factor = 0.01, toast.autovacuum_vacuum_threshold = 5000,
  toast.autovacuum_vacuum_cost_delay = 0
);

-- Makes one request that is failed or cancelled due again. It may take as many tries as it was given before, or `tries`,
-- and its waits begin anew. An expiry that has passed is dropped. One request at a time, so that those of a line can be taken
-- in the order of their places.
CREATE OR REPLACE FUNCTION "requeuest_redrive"(request_id uuid, tries integer, expires_after_ms double precision)
RETURNS void LANGUAGE sql AS $$
  UPDATE "requeuest_request" SET
    "state" = 'pending',
    "run_at" = statement_timestamp(),
    "expires_at" = CASE
        WHEN expires_after_ms IS NOT NULL THEN statement_timestamp() + expires_after_ms * interval '1 millisecond'
        WHEN "expires_at" > statement_timestamp() THEN "expires_at"
      END,
    "max_attempts" = least(
      "attempt_count" + coalesce(tries, greatest("max_attempts" - "tries_before", 1))::bigint, 2147483647)::integer,
    "tries_before" = "attempt_count",
    "lease_expiries" = 0, "claimed_by" = NULL, "claimed_at" = NULL, "lease_until" = NULL,
    "failure_code" = NULL, "finished_at" = NULL, "handler_due_at" = NULL, "handler_errors" = 0
  WHERE "id" = request_id
$$;
