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
  CREATE TYPE "requeuest_attempt_outcome" AS ENUM
    ('accepted', 'rejected', 'timeout', 'network_error', 'blocked', 'invalid', 'expired', 'abandoned');
EXCEPTION WHEN duplicate_object THEN NULL; END $$;

CREATE TABLE IF NOT EXISTS "requeuest_request" (
  "id" UUID NOT NULL,
  "channel" TEXT NOT NULL,
  "state" "requeuest_request_state" NOT NULL DEFAULT 'pending',
  "priority" SMALLINT NOT NULL DEFAULT 5,
  "order_key" TEXT,
  "order_seq" BIGINT,
  "after_failure" "requeuest_after_failure" NOT NULL DEFAULT 'continue',
  "waits_in_line" BOOLEAN NOT NULL DEFAULT false,
  "passes_turn" BOOLEAN NOT NULL DEFAULT false,
  "method" TEXT NOT NULL DEFAULT 'GET',
  "url" TEXT NOT NULL,
  "headers" JSONB NOT NULL DEFAULT '[]',
  "body" BYTEA,
  "accept" TEXT[] DEFAULT ARRAY['2xx']::TEXT[],
  "timeout_ms" INTEGER NOT NULL DEFAULT 30000,
  "max_redirects" SMALLINT NOT NULL DEFAULT 0,
  "max_attempts" INTEGER NOT NULL DEFAULT 100000,
  "backoff_base_ms" INTEGER NOT NULL DEFAULT 1000,
  "backoff_factor" DOUBLE PRECISION NOT NULL DEFAULT 2,
  "backoff_max_ms" INTEGER NOT NULL DEFAULT 3600000,
  "backoff_jitter" "requeuest_jitter" NOT NULL DEFAULT 'full',
  "run_at" TIMESTAMPTZ(3) NOT NULL DEFAULT statement_timestamp(),
  "expires_at" TIMESTAMPTZ(3),
  "attempt_count" INTEGER NOT NULL DEFAULT 0,
  "lease_expiries" SMALLINT NOT NULL DEFAULT 0,
  "claimed_by" TEXT,
  "claimed_at" TIMESTAMPTZ(3),
  "lease_until" TIMESTAMPTZ(3),
  "failure_code" TEXT,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT statement_timestamp(),
  "finished_at" TIMESTAMPTZ(3),
  CONSTRAINT "requeuest_request_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "requeuest_request_claim_check" CHECK ("state" <> 'claimed' OR ("lease_until" IS NOT NULL AND "claimed_at" IS NOT NULL AND "claimed_by" IS NOT NULL))
);

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
  "body_truncated" BOOLEAN NOT NULL DEFAULT false,
  "body_size" INTEGER,
  "error_code" TEXT,
  "error_message" TEXT,
  "remote_address" TEXT,
  "next_run_at" TIMESTAMPTZ(3),
  CONSTRAINT "requeuest_attempt_pkey" PRIMARY KEY ("request_id", "number"),
  CONSTRAINT "requeuest_attempt_request_id_fkey" FOREIGN KEY ("request_id")
    REFERENCES "requeuest_request" ("id") ON DELETE CASCADE ON UPDATE CASCADE
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

-- What a hand-made row may not say. Everything finer is for the worker, which fails such a row with its reason. Triggers,
-- because CHECKs would be read and judged anew by every claim and every settlement, which write none of these columns.
CREATE OR REPLACE FUNCTION "requeuest_refuse_row"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE check_violation USING
    MESSAGE = format('new row for relation "%s" violates check "%s"', TG_TABLE_NAME, TG_NAME),
    SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;

CREATE OR REPLACE TRIGGER "requeuest_request_channel_check"
  BEFORE INSERT OR UPDATE OF "channel" ON "requeuest_request"
  FOR EACH ROW WHEN (NOT (length(NEW."channel") BETWEEN 1 AND 200))
  EXECUTE FUNCTION "requeuest_refuse_row"();

CREATE OR REPLACE TRIGGER "requeuest_request_priority_check"
  BEFORE INSERT OR UPDATE OF "priority" ON "requeuest_request"
  FOR EACH ROW WHEN (NOT (NEW."priority" BETWEEN 0 AND 9))
  EXECUTE FUNCTION "requeuest_refuse_row"();

CREATE OR REPLACE TRIGGER "requeuest_request_order_key_check"
  BEFORE INSERT OR UPDATE OF "order_key" ON "requeuest_request"
  FOR EACH ROW WHEN (NOT (length(NEW."order_key") <= 200))
  EXECUTE FUNCTION "requeuest_refuse_row"();

CREATE OR REPLACE TRIGGER "requeuest_request_accept_check"
  BEFORE INSERT OR UPDATE OF "accept" ON "requeuest_request"
  FOR EACH ROW WHEN (NOT (NEW."accept" IS NOT NULL AND cardinality(NEW."accept") > 0))
  EXECUTE FUNCTION "requeuest_refuse_row"();

CREATE OR REPLACE TRIGGER "requeuest_request_timeout_ms_check"
  BEFORE INSERT OR UPDATE OF "timeout_ms" ON "requeuest_request"
  FOR EACH ROW WHEN (NOT (NEW."timeout_ms" BETWEEN 1 AND 86400000))
  EXECUTE FUNCTION "requeuest_refuse_row"();

CREATE OR REPLACE TRIGGER "requeuest_request_max_redirects_check"
  BEFORE INSERT OR UPDATE OF "max_redirects" ON "requeuest_request"
  FOR EACH ROW WHEN (NOT (NEW."max_redirects" BETWEEN 0 AND 20))
  EXECUTE FUNCTION "requeuest_refuse_row"();

CREATE OR REPLACE TRIGGER "requeuest_request_max_attempts_check"
  BEFORE INSERT OR UPDATE OF "max_attempts" ON "requeuest_request"
  FOR EACH ROW WHEN (NOT (NEW."max_attempts" >= 1))
  EXECUTE FUNCTION "requeuest_refuse_row"();

CREATE OR REPLACE TRIGGER "requeuest_request_backoff_check"
  BEFORE INSERT OR UPDATE OF "backoff_base_ms", "backoff_factor", "backoff_max_ms" ON "requeuest_request"
  FOR EACH ROW WHEN (NOT (NEW."backoff_base_ms" >= 0 AND NEW."backoff_max_ms" >= 0 AND NEW."backoff_factor" BETWEEN 1 AND 1000))
  EXECUTE FUNCTION "requeuest_refuse_row"();

CREATE TABLE IF NOT EXISTS "requeuest_line" (
  "channel" TEXT NOT NULL,
  "order_key" TEXT NOT NULL,
  "tail" BIGINT NOT NULL,
  "held_by_id" UUID,
  "held_at" TIMESTAMPTZ(3),
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT statement_timestamp(),
  CONSTRAINT "requeuest_line_pkey" PRIMARY KEY ("channel", "order_key")
);

-- The claim reads this index in its own order and stops at the first row that is not due yet, so neither
-- a backlog nor rows that wait for their time cost it anything.
CREATE INDEX IF NOT EXISTS "requeuest_request_due_idx"
  ON "requeuest_request" ("channel", "priority", "run_at", "id")
  WHERE "state" = 'pending' AND NOT "waits_in_line";

CREATE INDEX IF NOT EXISTS "requeuest_request_lease_idx"
  ON "requeuest_request" ("lease_until") WHERE "state" = 'claimed';

CREATE INDEX IF NOT EXISTS "requeuest_request_expiry_idx"
  ON "requeuest_request" ("expires_at") WHERE "state" = 'pending' AND "expires_at" IS NOT NULL;

CREATE INDEX IF NOT EXISTS "requeuest_request_line_idx"
  ON "requeuest_request" ("channel", "order_key", "order_seq")
  WHERE "order_key" IS NOT NULL AND "state" IN ('pending', 'claimed');

CREATE INDEX IF NOT EXISTS "requeuest_request_turn_idx"
  ON "requeuest_request" ("id") WHERE "passes_turn";

-- A queue table turns over many times a day: vacuum by count of dead rows, not by a share of the table.
ALTER TABLE "requeuest_request" SET (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
  autovacuum_analyze_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0
);

-- A new ordered request takes its place in line. The row of its line stays locked until the spawning
-- transaction ends, so places are given in order of commit.
CREATE OR REPLACE FUNCTION "requeuest_join_line"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "requeuest_line" AS line ("channel", "order_key", "tail")
  VALUES (NEW."channel", NEW."order_key", 1)
  ON CONFLICT ("channel", "order_key") DO UPDATE SET "tail" = line."tail" + 1
  RETURNING line."tail" INTO NEW."order_seq";

  -- A repeated spawn inserts nothing, so it must not leave a line behind that nobody stands in.
  IF NEW."order_seq" = 1 AND EXISTS (SELECT 1 FROM "requeuest_request" WHERE "id" = NEW."id") THEN
    DELETE FROM "requeuest_line" WHERE "channel" = NEW."channel" AND "order_key" = NEW."order_key";
  END IF;

  NEW."waits_in_line" := NEW."order_seq" > 1;
  RETURN NEW;
END $$;

-- Lets the next live request of a line through, or removes the line when nobody stands in it. `after_seq` is the
-- place of the one before: the search begins there and does not wade through what is left of those before it.
-- False means that another transaction holds the line or its next request: try again later. With `wait` it
-- waits for the line instead.
CREATE OR REPLACE FUNCTION "requeuest_next_turn"(line_channel text, line_key text, after_seq bigint, wait boolean)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  held boolean;
  next_id uuid;
  next_waits boolean;
BEGIN
  IF wait THEN
    SELECT "held_by_id" IS NOT NULL INTO held FROM "requeuest_line"
    WHERE "channel" = line_channel AND "order_key" = line_key FOR UPDATE;
  ELSE
    SELECT "held_by_id" IS NOT NULL INTO held FROM "requeuest_line"
    WHERE "channel" = line_channel AND "order_key" = line_key FOR UPDATE SKIP LOCKED;
  END IF;
  IF NOT FOUND THEN
    RETURN wait OR NOT EXISTS (
      SELECT 1 FROM "requeuest_line" WHERE "channel" = line_channel AND "order_key" = line_key);
  END IF;
  IF held THEN RETURN true; END IF;

  -- A statement of its own: its snapshot is taken after the lock, so it sees every spawn that came before.
  SELECT "id", "waits_in_line" INTO next_id, next_waits FROM "requeuest_request"
  WHERE "channel" = line_channel AND "order_key" = line_key AND "order_seq" > after_seq
    AND "state" IN ('pending', 'claimed')
  ORDER BY "order_seq" LIMIT 1;
  IF NOT FOUND THEN
    IF EXISTS (
      SELECT 1 FROM "requeuest_request"
      WHERE "channel" = line_channel AND "order_key" = line_key AND "state" IN ('pending', 'claimed')
    ) THEN RETURN true; END IF;
    DELETE FROM "requeuest_line" WHERE "channel" = line_channel AND "order_key" = line_key;
    RETURN true;
  END IF;
  IF NOT next_waits THEN RETURN true; END IF;

  PERFORM 1 FROM "requeuest_request" WHERE "id" = next_id FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN RETURN false; END IF;
  UPDATE "requeuest_request" SET "waits_in_line" = false WHERE "id" = next_id;
  RETURN true;
END $$;

-- The head of a line became final: hold the line or let the next one through. What cannot be done now,
-- because somebody holds the line or a lost worker may still be sending, is marked for a worker to do.
CREATE OR REPLACE FUNCTION "requeuest_pass_turn"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  passed boolean := false;
BEGIN
  IF NEW."lease_until" IS NULL OR NEW."lease_until" <= statement_timestamp() THEN
    IF NEW."state" = 'failed' AND NEW."after_failure" = 'hold' THEN
      UPDATE "requeuest_line" SET "held_by_id" = NEW."id", "held_at" = statement_timestamp()
      WHERE ("channel", "order_key") IN (
        SELECT "channel", "order_key" FROM "requeuest_line"
        WHERE "channel" = NEW."channel" AND "order_key" = NEW."order_key" FOR UPDATE SKIP LOCKED);
      passed := FOUND;
    ELSE
      passed := "requeuest_next_turn"(NEW."channel", NEW."order_key", NEW."order_seq", false);
    END IF;
  END IF;
  IF passed = NEW."passes_turn" THEN
    UPDATE "requeuest_request" SET "passes_turn" = NOT passed WHERE "id" = NEW."id";
  END IF;
  RETURN NULL;
END $$;

-- A live head was deleted by hand. Nothing is left to mark, so this one waits for the line.
CREATE OR REPLACE FUNCTION "requeuest_leave_line"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM "requeuest_next_turn"(OLD."channel", OLD."order_key", OLD."order_seq", true);
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER "requeuest_join_line" BEFORE INSERT ON "requeuest_request"
  FOR EACH ROW WHEN (NEW."order_key" IS NOT NULL AND NEW."state" = 'pending')
  EXECUTE FUNCTION "requeuest_join_line"();

CREATE OR REPLACE TRIGGER "requeuest_pass_turn" AFTER UPDATE OF "state" ON "requeuest_request"
  FOR EACH ROW WHEN (
    NEW."order_key" IS NOT NULL AND NOT NEW."waits_in_line"
    AND NEW."state" IN ('delivered', 'failed', 'cancelled')
    AND (OLD."state" IN ('pending', 'claimed') OR OLD."passes_turn"))
  EXECUTE FUNCTION "requeuest_pass_turn"();

CREATE OR REPLACE TRIGGER "requeuest_leave_line" AFTER DELETE ON "requeuest_request"
  FOR EACH ROW WHEN (
    OLD."order_key" IS NOT NULL AND NOT OLD."waits_in_line"
    AND (OLD."state" IN ('pending', 'claimed') OR OLD."passes_turn"))
  EXECUTE FUNCTION "requeuest_leave_line"();
