-- Every statement may run twice: `requeuest.migrate()` and `prisma migrate deploy` can follow each other
-- under different migration names.
-- What PostgreSQL 13 cannot parse stands in blocks, since a server parses the whole file before it runs the first line, and
-- would speak of a syntax error where the next statement gives the reason.

DO $$ BEGIN
  IF current_setting('server_version_num')::int < 140000 THEN
    RAISE EXCEPTION 'Requeuest needs PostgreSQL 14 or later, and this is %.', current_setting('server_version');
  END IF;
END $$;

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
  "max_attempts" INTEGER NOT NULL DEFAULT 2147483647,
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

-- Bodies are compressed with what takes a third of the time of Postgres' own way. Not every server is built with it.
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_settings WHERE "name" = 'default_toast_compression' AND 'lz4' = ANY ("enumvals")) THEN
    ALTER TABLE "requeuest_request" ALTER COLUMN "body" SET COMPRESSION lz4;
    ALTER TABLE "requeuest_attempt" ALTER COLUMN "body" SET COMPRESSION lz4;
  END IF;
END $$;

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
    -- As a text: a version that does not know the clause refuses the block even where it is not reached.
    EXECUTE 'ALTER TABLE "requeuest_attempt" ALTER CONSTRAINT "requeuest_attempt_request_id_fkey" NOT ENFORCED';

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

-- What a hand-made row may not say. Everything finer is for the worker, which fails such a row with its reason. A row of the
-- library's own was checked before and names its origin, so it is not judged again, which took a quarter of a single insert.
-- A trigger, because CHECKs would be judged anew by every claim and every settlement, which write none of these columns.
CREATE OR REPLACE FUNCTION "requeuest_check_row"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wrong text := CASE
      WHEN NOT (length(NEW."channel") BETWEEN 1 AND 200) THEN 'channel'
      WHEN NOT (NEW."priority" BETWEEN 0 AND 9) THEN 'priority'
      WHEN NOT (length(NEW."order_key") <= 200) THEN 'order_key'
      WHEN NOT (NEW."accept" IS NOT NULL AND coalesce(array_ndims(NEW."accept"), 0) = 1 AND array_position(NEW."accept", NULL) IS NULL)
        THEN 'accept'
      WHEN NOT (NEW."timeout_ms" BETWEEN 1 AND 86400000) THEN 'timeout_ms'
      WHEN NOT (NEW."max_redirects" BETWEEN 0 AND 20) THEN 'max_redirects'
      WHEN NOT (NEW."max_attempts" >= 1) THEN 'max_attempts'
      WHEN NOT (NEW."backoff_base_ms" >= 0 AND NEW."backoff_max_ms" >= 0 AND NEW."backoff_factor" BETWEEN 1 AND 1000)
        THEN 'backoff'
      WHEN NOT (0 <= ALL (NEW."backoff_delays_ms") AND coalesce(array_ndims(NEW."backoff_delays_ms"), 1) = 1
        AND array_position(NEW."backoff_delays_ms", NULL) IS NULL) THEN 'backoff_delays'
      WHEN NOT (length(NEW."dedupe_key") BETWEEN 1 AND 200) THEN 'dedupe_key'
      WHEN NOT (NEW."attempt_count" BETWEEN 0 AND 2147483646) THEN 'attempt_count'
      WHEN NOT (NEW."tries_before" BETWEEN 0 AND NEW."attempt_count") THEN 'tries_before'
    END;
BEGIN
  IF wrong IS NOT NULL THEN
    RAISE check_violation USING
      MESSAGE = format('new row for relation "%s" violates check "requeuest_request_%s_check"', TG_TABLE_NAME, wrong),
      SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = format('requeuest_request_%s_check', wrong);
  END IF;
  IF TG_OP = 'INSERT' THEN
    -- A copy of a row brings along what was true of that one.
    IF NOT starts_with(NEW."url", NEW."origin") THEN NEW."origin" := ''; END IF;
    NEW."waits_in_line" := false;
    NEW."passes_turn" := false;
  END IF;
  RETURN NEW;
END $$;

DO $$ BEGIN
  CREATE OR REPLACE TRIGGER "requeuest_check_changed_row" BEFORE UPDATE OF
      "channel", "priority", "order_key", "accept", "timeout_ms", "max_redirects", "max_attempts", "backoff_base_ms",
      "backoff_factor", "backoff_max_ms", "backoff_delays_ms", "dedupe_key" ON "requeuest_request"
    FOR EACH ROW
    EXECUTE FUNCTION "requeuest_check_row"();

  CREATE OR REPLACE TRIGGER "requeuest_check_new_row" BEFORE INSERT ON "requeuest_request"
    FOR EACH ROW WHEN (NEW."origin" = '' OR NOT starts_with(NEW."url", NEW."origin") OR NEW."waits_in_line" OR NEW."passes_turn")
    EXECUTE FUNCTION "requeuest_check_row"();
END $$;

-- An origin is the scheme, host and port that a request goes to, as a worker reads them from the URL: the database does not
-- try to. '' says that no worker has looked yet.
CREATE OR REPLACE FUNCTION "requeuest_change_origin"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW."origin" := '';
  RETURN NEW;
END $$;

DO $$ BEGIN
  CREATE OR REPLACE TRIGGER "requeuest_change_origin" BEFORE UPDATE OF "url" ON "requeuest_request"
    FOR EACH ROW WHEN (NEW."url" <> OLD."url" AND NOT starts_with(NEW."url", NEW."origin"))
    EXECUTE FUNCTION "requeuest_change_origin"();
END $$;

-- The claim reads this index in its own order and stops at the first row that is not due yet, so neither
-- a backlog nor rows that wait for their time cost it anything. Lanes of an origin are found by stepping from one to the next
-- in the second one, as priorities of a channel are in the first. The conditions that always hold, whatever is in a row, keep
-- the two apart: a planner that believes the table empty would take either for either, and read a whole backlog.
CREATE INDEX IF NOT EXISTS "requeuest_request_ready_idx"
  ON "requeuest_request" ("channel", "priority", "run_at", "id")
  WHERE "state" = 'pending' AND NOT "waits_in_line" AND "priority" >= -32768;

CREATE INDEX IF NOT EXISTS "requeuest_request_lane_idx"
  ON "requeuest_request" ("channel", "origin", "priority", "run_at", "id")
  WHERE "state" = 'pending' AND NOT "waits_in_line" AND "origin" >= '';

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

-- A body as a text, which clients read faster than bytes: behind '=' what is UTF-8, in base64 what is not. Whatever a row holds,
-- it fails nobody's statement. Only where the database itself has that encoding does every text come out as it went in.
CREATE OR REPLACE FUNCTION "requeuest_body_text"(body bytea) RETURNS text LANGUAGE plpgsql STABLE STRICT AS $$
BEGIN
  IF getdatabaseencoding() = 'UTF8' THEN RETURN '=' || convert_from(body, 'UTF8'); END IF;
  RETURN encode(body, 'base64');
EXCEPTION WHEN character_not_in_repertoire THEN
  RETURN encode(body, 'base64');
END $$;

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

-- Lines of requests that are sent one after another. Triggers keep them, since a row that is written by hand has to keep its line as
-- well.

CREATE TABLE IF NOT EXISTS "requeuest_line" (
  "channel" TEXT NOT NULL,
  "order_key" TEXT NOT NULL,
  "tail" BIGINT NOT NULL,
  "held_by_id" UUID,
  "held_at" TIMESTAMPTZ(3),
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT statement_timestamp(),
  CONSTRAINT "requeuest_line_pkey" PRIMARY KEY ("channel", "order_key"),
  CONSTRAINT "requeuest_line_tail_check" CHECK ("tail" BETWEEN 1 AND 4611686018427387904)
);

CREATE INDEX IF NOT EXISTS "requeuest_request_line_idx"
  ON "requeuest_request" ("channel", "order_key", "order_seq")
  WHERE "order_key" IS NOT NULL AND "state" IN ('pending', 'claimed');

CREATE INDEX IF NOT EXISTS "requeuest_request_turn_idx"
  ON "requeuest_request" ("id") WHERE "passes_turn";

-- Whether a request has to wait in its line: somebody is in front, or may still be sending, or the line is held. That a line had
-- members once says nothing: a restore brings lines without them.
CREATE OR REPLACE FUNCTION "requeuest_has_to_wait"(line_channel text, line_key text, seq bigint)
RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT seq > 1 AND (
    EXISTS (
      SELECT 1 FROM "requeuest_request"
      WHERE "channel" = line_channel AND "order_key" = line_key AND "state" IN ('pending', 'claimed'))
    OR EXISTS (
      SELECT 1 FROM "requeuest_request" WHERE "passes_turn" AND "channel" = line_channel AND "order_key" = line_key)
    OR EXISTS (
      SELECT 1 FROM "requeuest_line"
      WHERE "channel" = line_channel AND "order_key" = line_key AND "held_by_id" IS NOT NULL))
$$;

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

  NEW."waits_in_line" := "requeuest_has_to_wait"(NEW."channel", NEW."order_key", NEW."order_seq");
  RETURN NEW;
END $$;

-- Lets the next live request of a line through, or removes the line when nobody stands in it. `after_seq` is the
-- place of the one before: the search begins there and does not wade through what is left of those before it.
-- False means that another transaction holds the line or its next request: try again later. With `wait` it
-- waits for both instead.
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

  LOOP
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

    -- Whoever holds it may make it final: then the turn is that of the one behind it.
    IF wait THEN
      PERFORM 1 FROM "requeuest_request" WHERE "id" = next_id AND "state" IN ('pending', 'claimed') FOR UPDATE;
      EXIT WHEN FOUND;
    ELSE
      PERFORM 1 FROM "requeuest_request" WHERE "id" = next_id AND "state" IN ('pending', 'claimed')
      FOR UPDATE SKIP LOCKED;
      IF NOT FOUND THEN RETURN false; END IF;
      EXIT;
    END IF;
  END LOOP;
  UPDATE "requeuest_request" SET "waits_in_line" = false WHERE "id" = next_id;
  RETURN true;
END $$;

-- The head of a line became final: hold the line or let the next one through. What cannot be done now,
-- because somebody holds the line or a lost worker may still be sending, is marked for a worker to do. A line that has
-- ended meanwhile has nobody to hold up.
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
      passed := FOUND OR NOT EXISTS (
        SELECT 1 FROM "requeuest_line" WHERE "channel" = NEW."channel" AND "order_key" = NEW."order_key");
    ELSE
      passed := "requeuest_next_turn"(NEW."channel", NEW."order_key", NEW."order_seq", false);
    END IF;
  END IF;
  IF passed = NEW."passes_turn" THEN
    UPDATE "requeuest_request" SET "passes_turn" = NOT passed WHERE "id" = NEW."id";
  END IF;
  RETURN NULL;
END $$;

-- A live head was deleted by hand, or moved to another line. Nothing is left to mark, so this one waits for the line.
CREATE OR REPLACE FUNCTION "requeuest_leave_line"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM "requeuest_next_turn"(OLD."channel", OLD."order_key", OLD."order_seq", true);
  RETURN NULL;
END $$;

DO $$ BEGIN
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
END $$;

-- A request that was final is to be sent again: it goes to the end of its line. One behind which the line stands still, since
-- it failed with `hold` or its turn was not passed yet, keeps its place, or what stands behind it would overtake it.
CREATE OR REPLACE FUNCTION "requeuest_rejoin_line"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  holder uuid;
  keeps_place boolean := false;
BEGIN
  SELECT "held_by_id" INTO holder FROM "requeuest_line"
  WHERE "channel" = NEW."channel" AND "order_key" = NEW."order_key" FOR UPDATE;
  IF holder = NEW."id" THEN
    UPDATE "requeuest_line" SET "held_by_id" = NULL, "held_at" = NULL
    WHERE "channel" = NEW."channel" AND "order_key" = NEW."order_key";
    keeps_place := true;
  ELSIF FOUND AND holder IS NULL AND OLD."passes_turn" THEN
    keeps_place := NOT EXISTS (
      SELECT 1 FROM "requeuest_request"
      WHERE "channel" = NEW."channel" AND "order_key" = NEW."order_key" AND "state" IN ('pending', 'claimed')
        AND NOT "waits_in_line");
  END IF;
  NEW."passes_turn" := false;
  IF keeps_place THEN
    -- One that was moved away and back has no place any more, but still stands in front of all.
    NEW."order_seq" := coalesce(NEW."order_seq", 0);
    RETURN NEW;
  END IF;

  INSERT INTO "requeuest_line" AS line ("channel", "order_key", "tail")
  VALUES (NEW."channel", NEW."order_key", 1)
  ON CONFLICT ("channel", "order_key") DO UPDATE SET "tail" = line."tail" + 1
  RETURNING line."tail" INTO NEW."order_seq";
  NEW."waits_in_line" := "requeuest_has_to_wait"(NEW."channel", NEW."order_key", NEW."order_seq");
  RETURN NEW;
END $$;

DO $$ BEGIN
  CREATE OR REPLACE TRIGGER "requeuest_rejoin_line" BEFORE UPDATE OF "state" ON "requeuest_request"
    FOR EACH ROW WHEN (
      NEW."order_key" IS NOT NULL AND NEW."state" = 'pending' AND OLD."state" IN ('delivered', 'failed', 'cancelled'))
    EXECUTE FUNCTION "requeuest_rejoin_line"();
END $$;

-- A row was edited to stand in another line, or in none: it goes to the end of the new one, and what stood behind it in the old
-- one goes on. While it is being sent, or in one step with its end, nobody could say which line waits for it.
CREATE OR REPLACE FUNCTION "requeuest_change_line"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW."state" = 'claimed' OR NEW."state" <> OLD."state" THEN
    RAISE check_violation USING
      MESSAGE = 'a request that is being sent, or whose state is changed in the same statement, keeps its channel and order_key',
      SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = 'requeuest_request_change_line_check';
  END IF;
  NEW."order_seq" := NULL;
  NEW."waits_in_line" := false;
  NEW."passes_turn" := false;
  IF NEW."state" = 'pending' AND NEW."order_key" IS NOT NULL THEN
    INSERT INTO "requeuest_line" AS line ("channel", "order_key", "tail")
    VALUES (NEW."channel", NEW."order_key", 1)
    ON CONFLICT ("channel", "order_key") DO UPDATE SET "tail" = line."tail" + 1
    RETURNING line."tail" INTO NEW."order_seq";
    NEW."waits_in_line" := "requeuest_has_to_wait"(NEW."channel", NEW."order_key", NEW."order_seq");
  END IF;
  RETURN NEW;
END $$;

DO $$ BEGIN
  CREATE OR REPLACE TRIGGER "requeuest_change_line" BEFORE UPDATE OF "channel", "order_key" ON "requeuest_request"
    FOR EACH ROW WHEN (
      (NEW."channel", NEW."order_key") IS DISTINCT FROM (OLD."channel", OLD."order_key")
      AND (NEW."order_key" IS NOT NULL OR OLD."order_key" IS NOT NULL))
    EXECUTE FUNCTION "requeuest_change_line"();

  CREATE OR REPLACE TRIGGER "requeuest_change_line_after" AFTER UPDATE OF "channel", "order_key" ON "requeuest_request"
    FOR EACH ROW WHEN (
      (NEW."channel", NEW."order_key") IS DISTINCT FROM (OLD."channel", OLD."order_key")
      AND OLD."order_key" IS NOT NULL AND NOT OLD."waits_in_line"
      AND (OLD."state" IN ('pending', 'claimed') OR OLD."passes_turn"))
    EXECUTE FUNCTION "requeuest_leave_line"();
END $$;

-- The place in a line is the database's to give. A row that was made to wait, with nobody in front, would wait for ever.
CREATE OR REPLACE FUNCTION "requeuest_keep_place"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE check_violation USING
    MESSAGE = 'order_seq and waits_in_line are kept by the database',
    SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = 'requeuest_request_keep_place_check';
END $$;

DO $$ BEGIN
  CREATE OR REPLACE TRIGGER "requeuest_keep_place" BEFORE UPDATE OF "order_seq", "waits_in_line" ON "requeuest_request"
    FOR EACH ROW WHEN (NEW."order_seq" IS DISTINCT FROM OLD."order_seq" OR (NEW."waits_in_line" AND NOT OLD."waits_in_line"))
    EXECUTE FUNCTION "requeuest_keep_place"();
END $$;

-- Requests that are spawned again and again, by cron.

CREATE TABLE IF NOT EXISTS "requeuest_schedule" (
  "name" TEXT NOT NULL,
  "cron" TEXT NOT NULL,
  "timezone" TEXT NOT NULL DEFAULT 'UTC',
  "catch_up" "requeuest_catch_up" NOT NULL DEFAULT 'once',
  "jitter_ms" INTEGER NOT NULL DEFAULT 0,
  "paused_at" TIMESTAMPTZ(3),
  "next_run_at" TIMESTAMPTZ(3),
  "last_run_at" TIMESTAMPTZ(3),
  "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT statement_timestamp(),
  "problem" TEXT,
  "channel" TEXT NOT NULL,
  "priority" SMALLINT NOT NULL DEFAULT 5,
  "order_key" TEXT,
  "after_failure" "requeuest_after_failure" NOT NULL DEFAULT 'continue',
  "method" TEXT NOT NULL DEFAULT 'GET',
  "url" TEXT NOT NULL,
  "headers" JSONB NOT NULL DEFAULT '[]',
  "body" BYTEA,
  "encryption_key" TEXT,
  "accept" TEXT[] DEFAULT ARRAY['2xx']::TEXT[],
  "timeout_ms" INTEGER NOT NULL DEFAULT 30000,
  "max_redirects" SMALLINT NOT NULL DEFAULT 0,
  "max_attempts" INTEGER NOT NULL DEFAULT 2147483647,
  "backoff_base_ms" INTEGER NOT NULL DEFAULT 1000,
  "backoff_factor" DOUBLE PRECISION NOT NULL DEFAULT 2,
  "backoff_max_ms" INTEGER NOT NULL DEFAULT 3600000,
  "backoff_jitter" "requeuest_jitter" NOT NULL DEFAULT 'full',
  "backoff_delays_ms" INTEGER[],
  "on_status" JSONB,
  "expires_after_ms" DOUBLE PRECISION,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT statement_timestamp(),
  CONSTRAINT "requeuest_schedule_pkey" PRIMARY KEY ("name"),
  -- What would be refused in a request is refused here, not each time that it fires.
  CONSTRAINT "requeuest_schedule_name_check" CHECK (length("name") BETWEEN 1 AND 200),
  CONSTRAINT "requeuest_schedule_jitter_ms_check" CHECK ("jitter_ms" BETWEEN 0 AND 86400000),
  CONSTRAINT "requeuest_schedule_channel_check" CHECK (length("channel") BETWEEN 1 AND 200),
  CONSTRAINT "requeuest_schedule_priority_check" CHECK ("priority" BETWEEN 0 AND 9),
  CONSTRAINT "requeuest_schedule_order_key_check" CHECK (length("order_key") <= 200),
  CONSTRAINT "requeuest_schedule_accept_check" CHECK ("accept" IS NOT NULL AND coalesce(array_ndims("accept"), 0) = 1 AND array_position("accept", NULL) IS NULL),
  CONSTRAINT "requeuest_schedule_timeout_ms_check" CHECK ("timeout_ms" BETWEEN 1 AND 86400000),
  CONSTRAINT "requeuest_schedule_max_redirects_check" CHECK ("max_redirects" BETWEEN 0 AND 20),
  CONSTRAINT "requeuest_schedule_max_attempts_check" CHECK ("max_attempts" >= 1),
  CONSTRAINT "requeuest_schedule_backoff_check" CHECK ("backoff_base_ms" >= 0 AND "backoff_max_ms" >= 0 AND "backoff_factor" BETWEEN 1 AND 1000),
  CONSTRAINT "requeuest_schedule_backoff_delays_check" CHECK (
    0 <= ALL ("backoff_delays_ms") AND coalesce(array_ndims("backoff_delays_ms"), 1) = 1
    AND array_position("backoff_delays_ms", NULL) IS NULL),
  CONSTRAINT "requeuest_schedule_expires_after_ms_check" CHECK ("expires_after_ms" BETWEEN 1 AND 3153600000000)
);

-- Which ones are due, or have no next time yet, is asked all the time.
CREATE INDEX IF NOT EXISTS "requeuest_schedule_due_idx"
  ON "requeuest_schedule" ("next_run_at") WHERE "paused_at" IS NULL AND "problem" IS NULL;

-- When the plan is changed by hand, the next time that was worked out by the old one holds no more. A worker works it out
-- anew, counting from here, so that none is lost while there is no worker.
CREATE OR REPLACE FUNCTION "requeuest_change_plan"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW."changed_at" := statement_timestamp();
  NEW."problem" := NULL;
  IF NEW."paused_at" IS NOT NULL OR NEW."next_run_at" IS NOT DISTINCT FROM OLD."next_run_at" THEN
    NEW."next_run_at" := NULL;
  END IF;
  RETURN NEW;
END $$;

DO $$ BEGIN
  CREATE OR REPLACE TRIGGER "requeuest_change_plan" BEFORE UPDATE OF "cron", "timezone", "paused_at" ON "requeuest_schedule"
    FOR EACH ROW WHEN (
      NEW."cron" <> OLD."cron" OR NEW."timezone" <> OLD."timezone"
      OR (NEW."paused_at" IS NULL) <> (OLD."paused_at" IS NULL))
    EXECUTE FUNCTION "requeuest_change_plan"();
END $$;

-- What is paused and limited, and the state that all processes share for it. Only channels and origins of which there is
-- something to say have a row.

CREATE TABLE IF NOT EXISTS "requeuest_channel" (
  "channel" TEXT NOT NULL,
  "paused_at" TIMESTAMPTZ(3),
  "concurrency" INTEGER,
  "rate" INTEGER,
  "rate_interval_ms" INTEGER NOT NULL DEFAULT 1000,
  "next_permit_at" TIMESTAMPTZ(6),
  CONSTRAINT "requeuest_channel_pkey" PRIMARY KEY ("channel"),
  CONSTRAINT "requeuest_channel_channel_check" CHECK (length("channel") BETWEEN 1 AND 200),
  CONSTRAINT "requeuest_channel_concurrency_check" CHECK ("concurrency" BETWEEN 1 AND 1000000),
  CONSTRAINT "requeuest_channel_rate_check" CHECK ("rate" BETWEEN 1 AND 1000000),
  CONSTRAINT "requeuest_channel_rate_interval_ms_check" CHECK ("rate_interval_ms" BETWEEN 1 AND 86400000)
);

CREATE TABLE IF NOT EXISTS "requeuest_origin" (
  "origin" TEXT NOT NULL,
  "paused_at" TIMESTAMPTZ(3),
  "concurrency" INTEGER,
  "rate" INTEGER,
  "rate_interval_ms" INTEGER NOT NULL DEFAULT 1000,
  "next_permit_at" TIMESTAMPTZ(6),
  "retry_at" TIMESTAMPTZ(3),
  "breaker" "requeuest_breaker" NOT NULL DEFAULT 'closed',
  "open_until" TIMESTAMPTZ(3),
  "open_count" INTEGER NOT NULL DEFAULT 0,
  "probed_by" TEXT,
  "probe_until" TIMESTAMPTZ(3),
  CONSTRAINT "requeuest_origin_pkey" PRIMARY KEY ("origin"),
  CONSTRAINT "requeuest_origin_origin_check" CHECK (length("origin") BETWEEN 1 AND 300),
  CONSTRAINT "requeuest_origin_concurrency_check" CHECK ("concurrency" BETWEEN 1 AND 1000000),
  CONSTRAINT "requeuest_origin_rate_check" CHECK ("rate" BETWEEN 1 AND 1000000),
  CONSTRAINT "requeuest_origin_rate_interval_ms_check" CHECK ("rate_interval_ms" BETWEEN 1 AND 86400000),
  CONSTRAINT "requeuest_origin_open_count_check" CHECK ("open_count" >= 0),
  CONSTRAINT "requeuest_origin_breaker_check" CHECK ("breaker" = 'closed' OR "open_until" IS NOT NULL)
);

-- Every claim looks here; most rows tell of limits, or of a receiver that was left alone some time ago.
CREATE INDEX IF NOT EXISTS "requeuest_channel_paused_idx" ON "requeuest_channel" ("channel") WHERE "paused_at" IS NOT NULL;
CREATE INDEX IF NOT EXISTS "requeuest_origin_paused_idx" ON "requeuest_origin" ("origin") WHERE "paused_at" IS NOT NULL;

CREATE TABLE IF NOT EXISTS "requeuest_share" (
  "scope" "requeuest_scope" NOT NULL,
  "name" TEXT NOT NULL,
  "worker_id" TEXT NOT NULL,
  "slots" INTEGER NOT NULL,
  "wanted" INTEGER NOT NULL,
  "lease_until" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "requeuest_share_pkey" PRIMARY KEY ("scope", "name", "worker_id"),
  CONSTRAINT "requeuest_share_slots_check" CHECK ("slots" >= 0 AND "wanted" >= 0)
);

-- Small tables whose rows change several times a second: room for the new versions beside the old ones, and no wait for
-- the share of a large table to be dead.
ALTER TABLE "requeuest_channel" SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
ALTER TABLE "requeuest_origin" SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
ALTER TABLE "requeuest_share" SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

-- What a function names is what lies beside it, whatever the search_path of who writes: a restore has none at all, and one
-- schema may hold the tables of one tenant and another those of the next.
DO $$
DECLARE
  own regprocedure;
BEGIN
  FOR own IN SELECT "oid" FROM pg_proc
    WHERE "pronamespace" = quote_ident(current_schema())::regnamespace AND "proname" LIKE 'requeuest\_%'
  LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, %I, pg_temp', own, current_schema());
  END LOOP;
END $$;
