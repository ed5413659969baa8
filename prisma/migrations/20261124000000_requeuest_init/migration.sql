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
  CREATE TYPE "requeuest_limit_kind" AS ENUM ('channel', 'origin');
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
  "trace_context" TEXT,
  "attempts_before" INTEGER NOT NULL DEFAULT 0,
  "bodies_pruned" BOOLEAN NOT NULL DEFAULT false,
  "blocked" BOOLEAN NOT NULL DEFAULT false,
  "unblock_due" BOOLEAN NOT NULL DEFAULT false,
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
CREATE OR REPLACE FUNCTION "requeuest_cascade_delete_to_attempts"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM "requeuest_attempt" WHERE "request_id" = ANY (ARRAY(SELECT "id" FROM gone));
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION "requeuest_cascade_id_to_attempts"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE "requeuest_attempt" SET "request_id" = NEW."id" WHERE "request_id" = OLD."id";
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION "requeuest_allow_truncate"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RETURN NULL;
END $$;

DO $$ BEGIN
  IF current_setting('server_version_num')::int >= 180000 THEN
    -- As a text: a version that does not know the clause refuses the block even where it is not reached.
    EXECUTE 'ALTER TABLE "requeuest_attempt" ALTER CONSTRAINT "requeuest_attempt_request_id_fkey" NOT ENFORCED';

    CREATE OR REPLACE TRIGGER "requeuest_cascade_delete_to_attempts" AFTER DELETE ON "requeuest_request"
      REFERENCING OLD TABLE AS gone FOR EACH STATEMENT
      EXECUTE FUNCTION "requeuest_cascade_delete_to_attempts"();

    CREATE OR REPLACE TRIGGER "requeuest_cascade_id_to_attempts" AFTER UPDATE OF "id" ON "requeuest_request"
      FOR EACH ROW WHEN (NEW."id" <> OLD."id")
      EXECUTE FUNCTION "requeuest_cascade_id_to_attempts"();

    -- Does nothing, but a TRUNCATE of both tables is refused while one of them has no trigger.
    CREATE OR REPLACE TRIGGER "requeuest_allow_truncate" AFTER TRUNCATE ON "requeuest_attempt"
      EXECUTE FUNCTION "requeuest_allow_truncate"();
  END IF;
END $$;

-- What a hand-made row may not say. Everything finer is for the worker, which fails such a row with its reason. A row of the
-- library's own was checked before and names its origin, so it is not judged again, which took a quarter of a single insert.
-- A trigger, because CHECKs would be judged anew by every claim and every settlement, which write none of these columns.
CREATE OR REPLACE FUNCTION "requeuest_check_request"() RETURNS trigger LANGUAGE plpgsql AS $$
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
      WHEN NOT (NEW."attempts_before" BETWEEN 0 AND NEW."attempt_count") THEN 'attempts_before'
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
    NEW."blocked" := false;
    NEW."unblock_due" := false;
  END IF;
  RETURN NEW;
END $$;

DO $$ BEGIN
  CREATE OR REPLACE TRIGGER "requeuest_check_updated_request" BEFORE UPDATE OF
      "channel", "priority", "order_key", "accept", "timeout_ms", "max_redirects", "max_attempts", "backoff_base_ms",
      "backoff_factor", "backoff_max_ms", "backoff_delays_ms", "dedupe_key" ON "requeuest_request"
    FOR EACH ROW
    EXECUTE FUNCTION "requeuest_check_request"();

  CREATE OR REPLACE TRIGGER "requeuest_check_new_request" BEFORE INSERT ON "requeuest_request"
    FOR EACH ROW WHEN (NEW."origin" = '' OR NOT starts_with(NEW."url", NEW."origin") OR NEW."blocked" OR NEW."unblock_due")
    EXECUTE FUNCTION "requeuest_check_request"();
END $$;

-- An origin is the scheme, host and port that a request goes to, as a worker reads them from the URL: the database does not
-- try to. '' says that no worker has looked yet.
CREATE OR REPLACE FUNCTION "requeuest_clear_origin"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW."origin" := '';
  RETURN NEW;
END $$;

DO $$ BEGIN
  CREATE OR REPLACE TRIGGER "requeuest_clear_origin" BEFORE UPDATE OF "url" ON "requeuest_request"
    FOR EACH ROW WHEN (NEW."url" <> OLD."url" AND NOT starts_with(NEW."url", NEW."origin"))
    EXECUTE FUNCTION "requeuest_clear_origin"();
END $$;

-- The claim reads this index in its own order and stops at the first row that is not due yet, so neither
-- a backlog nor rows that wait for their time cost it anything. The origins of a channel are found by stepping from one to the next
-- in the second one, as priorities of a channel are in the first. The conditions that always hold, whatever is in a row, keep
-- the two apart: a planner that believes that nothing waits would take either for either, and read a whole backlog.
CREATE INDEX IF NOT EXISTS "requeuest_request_ready_idx"
  ON "requeuest_request" ("channel", "priority", "run_at", "id")
  WHERE "state" = 'pending' AND NOT "blocked" AND "priority" >= -32768;

CREATE INDEX IF NOT EXISTS "requeuest_request_origin_idx"
  ON "requeuest_request" ("channel", "origin", "priority", "run_at", "id")
  WHERE "state" = 'pending' AND NOT "blocked" AND "origin" >= '';

CREATE INDEX IF NOT EXISTS "requeuest_request_lease_idx"
  ON "requeuest_request" ("lease_until") WHERE "state" = 'claimed';

CREATE INDEX IF NOT EXISTS "requeuest_request_expiry_idx"
  ON "requeuest_request" ("expires_at") WHERE "state" = 'pending' AND "expires_at" IS NOT NULL;

-- A channel has one request with a key at a time; requests without one are not in it.
CREATE UNIQUE INDEX IF NOT EXISTS "requeuest_request_dedupe_idx"
  ON "requeuest_request" ("channel", "dedupe_key") WHERE "dedupe_key" IS NOT NULL AND NOT "dedupe_over";

-- Final requests that are old enough are deleted by the maintenance, or lose their bodies: their order is that in which they are
-- done with.
CREATE INDEX IF NOT EXISTS "requeuest_request_retention_idx"
  ON "requeuest_request" ("state", "bodies_pruned", "finished_at") WHERE "finished_at" IS NOT NULL;

-- What failed is looked for among many more that were delivered, by people and by whoever sends it again. What is delivered never
-- enters this index. The condition that always holds keeps it apart from the one above.
CREATE INDEX IF NOT EXISTS "requeuest_request_failed_idx"
  ON "requeuest_request" ("id") WHERE "state" IN ('failed', 'cancelled') AND "priority" >= -32768;

CREATE INDEX IF NOT EXISTS "requeuest_request_handler_idx"
  ON "requeuest_request" ("channel", "handler_due_at") WHERE "handler_due_at" IS NOT NULL;

-- What an old key still holds has to be found, without a look at every row there ever was.
CREATE INDEX IF NOT EXISTS "requeuest_request_encryption_key_idx"
  ON "requeuest_request" ("encryption_key", "id") WHERE "encryption_key" IS NOT NULL;

CREATE INDEX IF NOT EXISTS "requeuest_attempt_encryption_key_idx"
  ON "requeuest_attempt" ("encryption_key", "request_id", "number") WHERE "encryption_key" IS NOT NULL;

-- Attempts are written in the order of time, give or take a little, so a few hundred pages say where those of the last hour are. Such
-- an index costs an insert next to nothing, and what was never summarized is read whenever somebody asks: hence `autosummarize`.
CREATE INDEX IF NOT EXISTS "requeuest_attempt_started_idx"
  ON "requeuest_attempt" USING brin ("started_at") WITH (autosummarize = on);

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

-- Makes one request that is failed or cancelled due again. It may take as many attempts as it was given before, or `attempts`,
-- and its waits begin anew. An expiry that has passed is dropped. One request at a time, so that those of a line can be taken
-- in the order of their places.
CREATE OR REPLACE FUNCTION "requeuest_redrive"(request_id uuid, attempts integer, expires_after_ms double precision)
RETURNS void LANGUAGE sql AS $$
  UPDATE "requeuest_request" SET
    "state" = 'pending',
    "run_at" = statement_timestamp(),
    "expires_at" = CASE
        WHEN expires_after_ms IS NOT NULL THEN statement_timestamp() + expires_after_ms * interval '1 millisecond'
        WHEN "expires_at" > statement_timestamp() THEN "expires_at"
      END,
    "max_attempts" = least(
      "attempt_count" + coalesce(attempts, greatest("max_attempts" - "attempts_before", 1))::bigint, 2147483647)::integer,
    "attempts_before" = "attempt_count",
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

CREATE INDEX IF NOT EXISTS "requeuest_request_unblock_idx"
  ON "requeuest_request" ("id") WHERE "unblock_due";

-- Few lines are held, of many.
CREATE INDEX IF NOT EXISTS "requeuest_line_held_idx" ON "requeuest_line" ("held_at") WHERE "held_by_id" IS NOT NULL;

-- Whether a request is blocked in its line: another one is in front, or may still be sent, or the line is held. That a line had
-- members once says nothing: a restore brings lines without them.
CREATE OR REPLACE FUNCTION "requeuest_is_blocked"(line_channel text, line_key text, seq bigint)
RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT seq > 1 AND (
    EXISTS (
      SELECT 1 FROM "requeuest_request"
      WHERE "channel" = line_channel AND "order_key" = line_key AND "state" IN ('pending', 'claimed'))
    OR EXISTS (
      SELECT 1 FROM "requeuest_request" WHERE "unblock_due" AND "channel" = line_channel AND "order_key" = line_key)
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

  NEW."blocked" := "requeuest_is_blocked"(NEW."channel", NEW."order_key", NEW."order_seq");
  RETURN NEW;
END $$;

-- Unblocks the next live request of a line, or deletes the line when nobody stands in it. `after_seq` is the
-- place of the one before: the search begins there and does not wade through what is left of those before it.
-- False means that another transaction holds the line or its next request: try again later. With `wait` it
-- waits for both instead.
CREATE OR REPLACE FUNCTION "requeuest_unblock_next"(line_channel text, line_key text, after_seq bigint, wait boolean)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  held boolean;
  next_id uuid;
  next_is_blocked boolean;
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
    SELECT "id", "blocked" INTO next_id, next_is_blocked FROM "requeuest_request"
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
    IF NOT next_is_blocked THEN RETURN true; END IF;

    -- Whoever holds it may make it final: then the one behind it is next.
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
  UPDATE "requeuest_request" SET "blocked" = false WHERE "id" = next_id;
  RETURN true;
END $$;

-- The head of a line became final: hold the line or unblock the next one. What cannot be done now,
-- because somebody holds the line or a lost worker may still be sending, is marked for a worker to do. A line that has
-- ended meanwhile has nobody to hold up.
CREATE OR REPLACE FUNCTION "requeuest_hold_or_unblock_line"() RETURNS trigger LANGUAGE plpgsql AS $$
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
      passed := "requeuest_unblock_next"(NEW."channel", NEW."order_key", NEW."order_seq", false);
    END IF;
  END IF;
  IF passed = NEW."unblock_due" THEN
    UPDATE "requeuest_request" SET "unblock_due" = NOT passed WHERE "id" = NEW."id";
  END IF;
  RETURN NULL;
END $$;

-- A live head was deleted by hand, or moved to another line. Nothing is left to mark, so this one waits for the line.
CREATE OR REPLACE FUNCTION "requeuest_leave_line"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM "requeuest_unblock_next"(OLD."channel", OLD."order_key", OLD."order_seq", true);
  RETURN NULL;
END $$;

DO $$ BEGIN
  CREATE OR REPLACE TRIGGER "requeuest_join_line" BEFORE INSERT ON "requeuest_request"
    FOR EACH ROW WHEN (NEW."order_key" IS NOT NULL AND NEW."state" = 'pending')
    EXECUTE FUNCTION "requeuest_join_line"();

  CREATE OR REPLACE TRIGGER "requeuest_hold_or_unblock_line" AFTER UPDATE OF "state" ON "requeuest_request"
    FOR EACH ROW WHEN (
      NEW."order_key" IS NOT NULL AND NOT NEW."blocked"
      AND NEW."state" IN ('delivered', 'failed', 'cancelled')
      AND (OLD."state" IN ('pending', 'claimed') OR OLD."unblock_due"))
    EXECUTE FUNCTION "requeuest_hold_or_unblock_line"();

  CREATE OR REPLACE TRIGGER "requeuest_leave_line" AFTER DELETE ON "requeuest_request"
    FOR EACH ROW WHEN (
      OLD."order_key" IS NOT NULL AND NOT OLD."blocked"
      AND (OLD."state" IN ('pending', 'claimed') OR OLD."unblock_due"))
    EXECUTE FUNCTION "requeuest_leave_line"();
END $$;

-- A request that was final is to be sent again: it goes to the end of its line. One behind which the line stands still, since
-- it failed with `hold` or the next was not unblocked yet, keeps its place, or what stands behind it would overtake it.
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
  ELSIF FOUND AND holder IS NULL AND OLD."unblock_due" THEN
    keeps_place := NOT EXISTS (
      SELECT 1 FROM "requeuest_request"
      WHERE "channel" = NEW."channel" AND "order_key" = NEW."order_key" AND "state" IN ('pending', 'claimed')
        AND NOT "blocked");
  END IF;
  NEW."unblock_due" := false;
  IF keeps_place THEN
    -- One that was moved away and back has no place any more, but still stands in front of all.
    NEW."order_seq" := coalesce(NEW."order_seq", 0);
    RETURN NEW;
  END IF;

  INSERT INTO "requeuest_line" AS line ("channel", "order_key", "tail")
  VALUES (NEW."channel", NEW."order_key", 1)
  ON CONFLICT ("channel", "order_key") DO UPDATE SET "tail" = line."tail" + 1
  RETURNING line."tail" INTO NEW."order_seq";
  NEW."blocked" := "requeuest_is_blocked"(NEW."channel", NEW."order_key", NEW."order_seq");
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
  NEW."blocked" := false;
  NEW."unblock_due" := false;
  IF NEW."state" = 'pending' AND NEW."order_key" IS NOT NULL THEN
    INSERT INTO "requeuest_line" AS line ("channel", "order_key", "tail")
    VALUES (NEW."channel", NEW."order_key", 1)
    ON CONFLICT ("channel", "order_key") DO UPDATE SET "tail" = line."tail" + 1
    RETURNING line."tail" INTO NEW."order_seq";
    NEW."blocked" := "requeuest_is_blocked"(NEW."channel", NEW."order_key", NEW."order_seq");
  END IF;
  RETURN NEW;
END $$;

DO $$ BEGIN
  CREATE OR REPLACE TRIGGER "requeuest_change_line" BEFORE UPDATE OF "channel", "order_key" ON "requeuest_request"
    FOR EACH ROW WHEN (
      (NEW."channel", NEW."order_key") IS DISTINCT FROM (OLD."channel", OLD."order_key")
      AND (NEW."order_key" IS NOT NULL OR OLD."order_key" IS NOT NULL))
    EXECUTE FUNCTION "requeuest_change_line"();

  CREATE OR REPLACE TRIGGER "requeuest_leave_old_line" AFTER UPDATE OF "channel", "order_key" ON "requeuest_request"
    FOR EACH ROW WHEN (
      (NEW."channel", NEW."order_key") IS DISTINCT FROM (OLD."channel", OLD."order_key")
      AND OLD."order_key" IS NOT NULL AND NOT OLD."blocked"
      AND (OLD."state" IN ('pending', 'claimed') OR OLD."unblock_due"))
    EXECUTE FUNCTION "requeuest_leave_line"();
END $$;

-- The place in a line is the database's to give. A row that was blocked by hand, with nobody in front, would be blocked for ever.
CREATE OR REPLACE FUNCTION "requeuest_protect_place"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE check_violation USING
    MESSAGE = 'order_seq and blocked are maintained by the database',
    SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = 'requeuest_request_protect_place_check';
END $$;

DO $$ BEGIN
  CREATE OR REPLACE TRIGGER "requeuest_protect_place" BEFORE UPDATE OF "order_seq", "blocked" ON "requeuest_request"
    FOR EACH ROW WHEN (NEW."order_seq" IS DISTINCT FROM OLD."order_seq" OR (NEW."blocked" AND NOT OLD."blocked"))
    EXECUTE FUNCTION "requeuest_protect_place"();
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
CREATE OR REPLACE FUNCTION "requeuest_reset_next_run"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW."changed_at" := statement_timestamp();
  NEW."problem" := NULL;
  IF NEW."paused_at" IS NOT NULL OR NEW."next_run_at" IS NOT DISTINCT FROM OLD."next_run_at" THEN
    NEW."next_run_at" := NULL;
  END IF;
  RETURN NEW;
END $$;

DO $$ BEGIN
  CREATE OR REPLACE TRIGGER "requeuest_reset_next_run" BEFORE UPDATE OF "cron", "timezone", "paused_at" ON "requeuest_schedule"
    FOR EACH ROW WHEN (
      NEW."cron" <> OLD."cron" OR NEW."timezone" <> OLD."timezone"
      OR (NEW."paused_at" IS NULL) <> (OLD."paused_at" IS NULL))
    EXECUTE FUNCTION "requeuest_reset_next_run"();
END $$;

-- What is paused and limited, and the state that all processes share for it. Only channels and origins of which there is
-- something to say have a row.

CREATE TABLE IF NOT EXISTS "requeuest_limit" (
  "kind" "requeuest_limit_kind" NOT NULL,
  "name" TEXT NOT NULL,
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
  CONSTRAINT "requeuest_limit_pkey" PRIMARY KEY ("kind", "name"),
  CONSTRAINT "requeuest_limit_name_check" CHECK (length("name") BETWEEN 1 AND CASE "kind" WHEN 'channel' THEN 200 ELSE 300 END),
  CONSTRAINT "requeuest_limit_concurrency_check" CHECK ("concurrency" BETWEEN 1 AND 1000000),
  CONSTRAINT "requeuest_limit_rate_check" CHECK ("rate" BETWEEN 1 AND 1000000),
  CONSTRAINT "requeuest_limit_rate_interval_ms_check" CHECK ("rate_interval_ms" BETWEEN 1 AND 86400000),
  CONSTRAINT "requeuest_limit_open_count_check" CHECK ("open_count" >= 0),
  CONSTRAINT "requeuest_limit_breaker_check" CHECK ("breaker" = 'closed' OR "open_until" IS NOT NULL),
  CONSTRAINT "requeuest_limit_channel_check" CHECK ("kind" = 'origin' OR ("breaker" = 'closed' AND "retry_at" IS NULL))
);

-- Every claim looks here; most rows tell of limits, or of a receiver that was left alone some time ago.
CREATE INDEX IF NOT EXISTS "requeuest_limit_paused_idx" ON "requeuest_limit" ("kind", "name") WHERE "paused_at" IS NOT NULL;

CREATE TABLE IF NOT EXISTS "requeuest_semaphore_lease" (
  "kind" "requeuest_limit_kind" NOT NULL,
  "name" TEXT NOT NULL,
  "worker_id" TEXT NOT NULL,
  "slots" INTEGER NOT NULL,
  "wanted" INTEGER NOT NULL,
  "lease_until" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "requeuest_semaphore_lease_pkey" PRIMARY KEY ("kind", "name", "worker_id"),
  CONSTRAINT "requeuest_semaphore_lease_slots_check" CHECK ("slots" >= 0 AND "wanted" >= 0)
);

-- Small tables whose rows change several times a second: room for the new versions beside the old ones, and no wait for
-- the share of a large table to be dead.
ALTER TABLE "requeuest_limit" SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
ALTER TABLE "requeuest_semaphore_lease" SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

-- Who sends, so that it can be told where nobody does. Each worker renews its row every few seconds.
CREATE TABLE IF NOT EXISTS "requeuest_worker" (
  "id" TEXT NOT NULL,
  "host" TEXT NOT NULL,
  "pid" INTEGER NOT NULL,
  "version" TEXT NOT NULL,
  "channels" TEXT[] DEFAULT ARRAY[]::TEXT[],
  "concurrency" INTEGER NOT NULL,
  "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT statement_timestamp(),
  "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT statement_timestamp(),
  "reports_depth" BOOLEAN NOT NULL DEFAULT false,
  CONSTRAINT "requeuest_worker_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "requeuest_worker" SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

-- How much was sent and how long it took, for charts: workers add what they have counted every few seconds. Each time one statement
-- changes many rows that lie together, so there is room for the new versions beside the old ones.
CREATE TABLE IF NOT EXISTS "requeuest_activity" (
  "kind" "requeuest_limit_kind" NOT NULL,
  "minutes" SMALLINT NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL,
  "name" TEXT NOT NULL,
  "attempts" INTEGER NOT NULL DEFAULT 0,
  "accepted" INTEGER NOT NULL DEFAULT 0,
  "delivered" INTEGER NOT NULL DEFAULT 0,
  "failed" INTEGER NOT NULL DEFAULT 0,
  "total_ms" BIGINT NOT NULL DEFAULT 0,
  "latency" INTEGER[] DEFAULT ARRAY[]::INTEGER[],
  CONSTRAINT "requeuest_activity_pkey" PRIMARY KEY ("kind", "minutes", "at", "name")
);
ALTER TABLE "requeuest_activity" SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

-- Comments, made by `npm run embed` out of schema.prisma and scripts/database-comments.ts.
COMMENT ON TYPE "requeuest_request_state" IS 'The state of a request. `pending` and `claimed` are live; the other three are final.
pending: Waits for `run_at`: new, delayed and retrying requests alike.
claimed: A worker holds the request under a lease and may be sending it.
delivered: A response was accepted.
failed: Given up; `failure_code` says why.
cancelled: Cancelled before a response was accepted.';
COMMENT ON TYPE "requeuest_jitter" IS 'How the wait before the next attempt is randomized, so that many requests do not return at once.
full: Between zero and the whole wait.
equal: Between half of the wait and the whole wait.
none: Exactly the wait.';
COMMENT ON TYPE "requeuest_after_failure" IS 'What happens to the requests of a line behind one that has failed.
continue: The next request is sent.
hold: The line is held until it is released.';
COMMENT ON TYPE "requeuest_catch_up" IS 'What a schedule does about times that passed while no worker was running.
skip: Skips times that are more than a minute old.
once: Fires once, for the last time that was missed.
all: Fires for each time that was missed; of more than 10 000, for the last 10 000.';
COMMENT ON TYPE "requeuest_attempt_outcome" IS 'The outcome of an attempt.
accepted: The response is in the accept set.
rejected: The response is not in the accept set.
timeout: No complete response arrived within `timeout_ms`.
network_error: The connection could not be made, or broke.
blocked: The network rules of this installation forbid the address. Nothing was sent.
invalid: The row does not describe a request that can be sent. Nothing was sent.
expired: `expires_at` had passed when the worker took the request. Nothing was sent.
abandoned: The worker''s lease ran out before it reported. The request may have been sent.
unprepared: The renderer''s result, a token or the signing keys could not be had. Nothing was sent.';
COMMENT ON TYPE "requeuest_breaker" IS 'State of an origin''s circuit breaker.
closed: Requests are sent.
open: Requests wait until `open_until`: too many of the last ones failed.
half_open: One worker probes whether the origin has recovered.';
COMMENT ON TYPE "requeuest_limit_kind" IS 'What a limit applies to.
channel: A channel.
origin: An origin: scheme, host and port.';
COMMENT ON TABLE "requeuest_request" IS 'An HTTP request that is sent until a response is accepted.';
COMMENT ON COLUMN "requeuest_request"."id" IS 'UUID v7, made by whoever spawns the request, so that a spawn can be repeated safely. Sent as `Idempotency-Key`.';
COMMENT ON COLUMN "requeuest_request"."channel" IS 'Named queue that workers subscribe to; 1 to 200 characters.';
COMMENT ON COLUMN "requeuest_request"."state" IS 'Whether the request waits, is being sent, or is final.';
COMMENT ON COLUMN "requeuest_request"."priority" IS 'Priority within the channel, from 0 (first) to 9 (last).';
COMMENT ON COLUMN "requeuest_request"."order_key" IS 'Requests of a channel with the same key form a line and are sent one after another; '''' is the line of the whole channel, null is unordered.';
COMMENT ON COLUMN "requeuest_request"."order_seq" IS 'Place in the line, assigned by the database in order of commit. Leave it empty.';
COMMENT ON COLUMN "requeuest_request"."after_failure" IS 'What happens to the requests behind this one in its line when it fails.';
COMMENT ON COLUMN "requeuest_request"."blocked" IS 'True while an earlier request of the line is live. Maintained by the database.';
COMMENT ON COLUMN "requeuest_request"."unblock_due" IS 'True if this request is final but the next one in its line could not be unblocked yet. Maintained by the database.';
COMMENT ON COLUMN "requeuest_request"."dedupe_key" IS 'Deduplication key. A channel has one request with a given key at a time.';
COMMENT ON COLUMN "requeuest_request"."dedupe_until" IS 'Until when the request holds its key; null for as long as the row exists.';
COMMENT ON COLUMN "requeuest_request"."dedupe_over" IS 'True if a later request has taken over the key. Maintained by the library.';
COMMENT ON COLUMN "requeuest_request"."method" IS 'HTTP method.';
COMMENT ON COLUMN "requeuest_request"."url" IS 'Absolute http or https URL, without user and password; or `render://` and the name of a renderer, whose arguments are the body.';
COMMENT ON COLUMN "requeuest_request"."origin" IS 'Scheme, host and port of `url`, as workers read them. Maintained by the library: leave it empty in rows that you create.';
COMMENT ON COLUMN "requeuest_request"."headers" IS 'Request headers as ordered `[name, value]` pairs; repeated names are kept. A string if they are encrypted.';
COMMENT ON COLUMN "requeuest_request"."body" IS 'Request body: the exact bytes to send.';
COMMENT ON COLUMN "requeuest_request"."encryption_key" IS 'Id of the key that headers and body are encrypted with; null if they are not. Leave it empty in rows that you create.';
COMMENT ON COLUMN "requeuest_request"."accept" IS 'Statuses that count as success: `404`, `400-410`, `2xx`.';
COMMENT ON COLUMN "requeuest_request"."timeout_ms" IS 'Timeout of an attempt in milliseconds: connecting, headers and body.';
COMMENT ON COLUMN "requeuest_request"."max_redirects" IS 'How many redirects an attempt may follow.';
COMMENT ON COLUMN "requeuest_request"."max_attempts" IS 'How many attempts the request may take in all; 2147483647, the largest integer, is no limit.';
COMMENT ON COLUMN "requeuest_request"."backoff_base_ms" IS 'Wait after the first failed attempt, in milliseconds.';
COMMENT ON COLUMN "requeuest_request"."backoff_factor" IS 'Factor by which the wait grows after each further failed attempt.';
COMMENT ON COLUMN "requeuest_request"."backoff_max_ms" IS 'Longest wait in milliseconds; also the limit for what a `Retry-After` header may ask for.';
COMMENT ON COLUMN "requeuest_request"."backoff_jitter" IS 'How the wait is randomized.';
COMMENT ON COLUMN "requeuest_request"."backoff_delays_ms" IS 'The waits in milliseconds, one after another, instead of base and factor; the last one repeats.';
COMMENT ON COLUMN "requeuest_request"."on_status" IS 'What statuses outside the accept set mean: `{ "4xx": "fail", "408": "retry", "429": { "base": "1m" } }`.';
COMMENT ON COLUMN "requeuest_request"."run_at" IS 'The request is not sent before this time.';
COMMENT ON COLUMN "requeuest_request"."expires_at" IS 'The request is not sent after this time, but fails.';
COMMENT ON COLUMN "requeuest_request"."attempt_count" IS 'Number of attempts begun, including the one under way. With `id` the fencing token of a claim.';
COMMENT ON COLUMN "requeuest_request"."attempts_before" IS 'Number of attempts before the last redrive. The limit on attempts and the backoff count from there.';
COMMENT ON COLUMN "requeuest_request"."lease_expiries" IS 'Number of leases in a row that ran out; at 5 the request fails as `poison`.';
COMMENT ON COLUMN "requeuest_request"."claimed_by" IS 'The worker that holds the claim.';
COMMENT ON COLUMN "requeuest_request"."claimed_at" IS 'When the claim was made.';
COMMENT ON COLUMN "requeuest_request"."lease_until" IS 'When the claim''s lease ends.';
COMMENT ON COLUMN "requeuest_request"."failure_code" IS 'Why the request failed: `attempts_exhausted`, `expired`, `address_blocked`, `invalid_request`, `rejected`, `poison`.';
COMMENT ON COLUMN "requeuest_request"."created_at" IS 'When the row was created.';
COMMENT ON COLUMN "requeuest_request"."finished_at" IS 'When the request was delivered, failed or cancelled.';
COMMENT ON COLUMN "requeuest_request"."schedule" IS 'Name of the schedule that spawned the request, if one did.';
COMMENT ON COLUMN "requeuest_request"."scheduled_for" IS 'The time of the schedule that the request was spawned for.';
COMMENT ON COLUMN "requeuest_request"."trace_context" IS 'Trace of the spawn, if it was traced: W3C `traceparent`, and after a space `tracestate` if there is one.';
COMMENT ON COLUMN "requeuest_request"."bodies_pruned" IS 'True if retention has deleted the bodies of this request and of its responses. Maintained by the library.';
COMMENT ON COLUMN "requeuest_request"."handler_due_at" IS 'When the channel''s handler runs next; null if it need not. Maintained by the library.';
COMMENT ON COLUMN "requeuest_request"."handler_errors" IS 'How often the handler has failed in transactions of its own. Maintained by the library.';
COMMENT ON TABLE "requeuest_attempt" IS 'An attempt to send a request. Written once, when the attempt is over.';
COMMENT ON COLUMN "requeuest_attempt"."request_id" IS 'The request.';
COMMENT ON COLUMN "requeuest_attempt"."number" IS 'Number of the attempt, from 1.';
COMMENT ON COLUMN "requeuest_attempt"."outcome" IS 'How the attempt ended.';
COMMENT ON COLUMN "requeuest_attempt"."started_at" IS 'When the claim was recorded, which is before any byte was sent.';
COMMENT ON COLUMN "requeuest_attempt"."duration_ms" IS 'Duration in milliseconds.';
COMMENT ON COLUMN "requeuest_attempt"."worker_id" IS 'The worker that made the attempt.';
COMMENT ON COLUMN "requeuest_attempt"."status" IS 'Status of the response, if there was one.';
COMMENT ON COLUMN "requeuest_attempt"."headers" IS 'Response headers as ordered `[name, value]` pairs. A string if they are encrypted.';
COMMENT ON COLUMN "requeuest_attempt"."body" IS 'Response body as received, up to the configured limit.';
COMMENT ON COLUMN "requeuest_attempt"."encryption_key" IS 'Id of the key that headers and body are encrypted with; null if they are not.';
COMMENT ON COLUMN "requeuest_attempt"."body_truncated" IS 'True if more of the response body was received than is stored.';
COMMENT ON COLUMN "requeuest_attempt"."body_size" IS 'Bytes of response body received.';
COMMENT ON COLUMN "requeuest_attempt"."error_code" IS 'What went wrong: `connection_refused`, `dns_error`, `timeout`, `tls_error`, `address_blocked` and others.';
COMMENT ON COLUMN "requeuest_attempt"."error_message" IS 'What went wrong, in words.';
COMMENT ON COLUMN "requeuest_attempt"."remote_address" IS 'IP address of the connection.';
COMMENT ON COLUMN "requeuest_attempt"."rendered" IS 'What a renderer made of the request, without its secrets: `{ method, url, headers, bodySize }`.';
COMMENT ON COLUMN "requeuest_attempt"."next_run_at" IS 'When the next attempt was due, if there was to be one.';
COMMENT ON TABLE "requeuest_handler" IS 'A channel whose requests are handled when they become final. Written by workers that have the handler; delete the row when the handler is gone for good.';
COMMENT ON COLUMN "requeuest_handler"."channel" IS 'The channel.';
COMMENT ON COLUMN "requeuest_handler"."created_at" IS 'When a worker first registered the handler.';
COMMENT ON TABLE "requeuest_line" IS 'A line of ordered requests that has live members or is held. Maintained by the database.';
COMMENT ON COLUMN "requeuest_line"."channel" IS 'Channel of the line.';
COMMENT ON COLUMN "requeuest_line"."order_key" IS 'Key of the line within the channel.';
COMMENT ON COLUMN "requeuest_line"."tail" IS 'The last place that was assigned.';
COMMENT ON COLUMN "requeuest_line"."held_by_id" IS 'The failed request that holds the line, if it is held.';
COMMENT ON COLUMN "requeuest_line"."held_at" IS 'When the line was held.';
COMMENT ON COLUMN "requeuest_line"."created_at" IS 'When the row was created.';
COMMENT ON TABLE "requeuest_limit" IS 'Pause, limits and circuit breaker of a channel or an origin. Without a row it is neither paused nor limited. May be written by hand; workers notice within a second.';
COMMENT ON COLUMN "requeuest_limit"."kind" IS 'Whether `name` is a channel or an origin.';
COMMENT ON COLUMN "requeuest_limit"."name" IS 'The channel, or the origin as in `requeuest_request`: `https://api.example.com`.';
COMMENT ON COLUMN "requeuest_limit"."paused_at" IS 'While this is set, nothing of the channel or to the origin is sent.';
COMMENT ON COLUMN "requeuest_limit"."concurrency" IS 'How many of its requests all processes together may have under way; null for no limit.';
COMMENT ON COLUMN "requeuest_limit"."rate" IS 'How many of its requests all processes together may start in `rate_interval_ms`; null for no limit.';
COMMENT ON COLUMN "requeuest_limit"."rate_interval_ms" IS 'Interval of `rate` in milliseconds.';
COMMENT ON COLUMN "requeuest_limit"."next_permit_at" IS 'The next start under `rate` that no worker has leased. Maintained by the workers.';
COMMENT ON COLUMN "requeuest_limit"."retry_at" IS 'Until when the origin asked not to be sent anything (`Retry-After` of a 429 or 503). Maintained by the workers.';
COMMENT ON COLUMN "requeuest_limit"."breaker" IS 'State of the origin''s circuit breaker. Maintained by the workers; setting it to `closed` closes it at once.';
COMMENT ON COLUMN "requeuest_limit"."open_until" IS 'When an open breaker lets the first request through.';
COMMENT ON COLUMN "requeuest_limit"."open_count" IS 'How many times in a row the breaker has opened, which determines for how long.';
COMMENT ON COLUMN "requeuest_limit"."probed_by" IS 'The worker that probes whether the origin has recovered.';
COMMENT ON COLUMN "requeuest_limit"."probe_until" IS 'Until when that worker may probe.';
COMMENT ON TABLE "requeuest_semaphore_lease" IS 'A worker''s lease of slots of a limit on concurrency. Maintained by the workers.';
COMMENT ON COLUMN "requeuest_semaphore_lease"."kind" IS 'Whether `name` is a channel or an origin.';
COMMENT ON COLUMN "requeuest_semaphore_lease"."name" IS 'The channel or origin.';
COMMENT ON COLUMN "requeuest_semaphore_lease"."worker_id" IS 'The worker.';
COMMENT ON COLUMN "requeuest_semaphore_lease"."slots" IS 'How many requests the worker may have under way.';
COMMENT ON COLUMN "requeuest_semaphore_lease"."wanted" IS 'How many requests the worker could use.';
COMMENT ON COLUMN "requeuest_semaphore_lease"."lease_until" IS 'When the lease ends, unless the worker renews it.';
COMMENT ON TABLE "requeuest_schedule" IS 'A request that is spawned repeatedly, by cron. May be written and edited by hand.';
COMMENT ON COLUMN "requeuest_schedule"."name" IS 'Name; 1 to 200 characters.';
COMMENT ON COLUMN "requeuest_schedule"."cron" IS 'Cron expression: 5 fields, 6 with seconds in front, or a macro such as `@daily`.';
COMMENT ON COLUMN "requeuest_schedule"."timezone" IS 'IANA time zone that `cron` is evaluated in.';
COMMENT ON COLUMN "requeuest_schedule"."catch_up" IS 'What happens about times that passed while no worker was running.';
COMMENT ON COLUMN "requeuest_schedule"."jitter_ms" IS 'Each request is delayed by up to this many milliseconds.';
COMMENT ON COLUMN "requeuest_schedule"."paused_at" IS 'While this is set, the schedule does not fire.';
COMMENT ON COLUMN "requeuest_schedule"."next_run_at" IS 'When the schedule fires next. Null if it is paused, or if a worker has yet to compute it.';
COMMENT ON COLUMN "requeuest_schedule"."last_run_at" IS 'The last time for which a request was spawned.';
COMMENT ON COLUMN "requeuest_schedule"."changed_at" IS 'When `cron`, `timezone` or `paused_at` was last changed. Maintained by the database.';
COMMENT ON COLUMN "requeuest_schedule"."problem" IS 'Why the schedule cannot fire. Cleared when `cron` or `timezone` changes; set it to null to try again.';
COMMENT ON COLUMN "requeuest_schedule"."channel" IS 'Channel of the spawned requests; this and all columns below apply to them.';
COMMENT ON COLUMN "requeuest_schedule"."priority" IS 'Priority within the channel, from 0 (first) to 9 (last).';
COMMENT ON COLUMN "requeuest_schedule"."order_key" IS 'Key of the line of the spawned requests; '''' is the line of the whole channel, null is unordered.';
COMMENT ON COLUMN "requeuest_schedule"."after_failure" IS 'What happens to the requests behind a spawned one in its line when it fails.';
COMMENT ON COLUMN "requeuest_schedule"."method" IS 'HTTP method.';
COMMENT ON COLUMN "requeuest_schedule"."url" IS 'Absolute http or https URL, without user and password.';
COMMENT ON COLUMN "requeuest_schedule"."headers" IS 'Request headers as ordered `[name, value]` pairs; repeated names are kept. A string if they are encrypted.';
COMMENT ON COLUMN "requeuest_schedule"."body" IS 'Request body: the exact bytes to send.';
COMMENT ON COLUMN "requeuest_schedule"."encryption_key" IS 'Id of the key that headers and body are encrypted with; null if they are not. Leave it empty in rows that you create.';
COMMENT ON COLUMN "requeuest_schedule"."accept" IS 'Statuses that count as success: `404`, `400-410`, `2xx`.';
COMMENT ON COLUMN "requeuest_schedule"."timeout_ms" IS 'Timeout of an attempt in milliseconds: connecting, headers and body.';
COMMENT ON COLUMN "requeuest_schedule"."max_redirects" IS 'How many redirects an attempt may follow.';
COMMENT ON COLUMN "requeuest_schedule"."max_attempts" IS 'How many attempts a request may take in all; 2147483647, the largest integer, is no limit.';
COMMENT ON COLUMN "requeuest_schedule"."backoff_base_ms" IS 'Wait after the first failed attempt, in milliseconds.';
COMMENT ON COLUMN "requeuest_schedule"."backoff_factor" IS 'Factor by which the wait grows after each further failed attempt.';
COMMENT ON COLUMN "requeuest_schedule"."backoff_max_ms" IS 'Longest wait in milliseconds; also the limit for what a `Retry-After` header may ask for.';
COMMENT ON COLUMN "requeuest_schedule"."backoff_jitter" IS 'How the wait is randomized.';
COMMENT ON COLUMN "requeuest_schedule"."backoff_delays_ms" IS 'The waits in milliseconds, one after another, instead of base and factor; the last one repeats.';
COMMENT ON COLUMN "requeuest_schedule"."on_status" IS 'What statuses outside the accept set mean: `{ "4xx": "fail", "408": "retry", "429": { "base": "1m" } }`.';
COMMENT ON COLUMN "requeuest_schedule"."expires_after_ms" IS 'The request fails this many milliseconds after it was spawned.';
COMMENT ON COLUMN "requeuest_schedule"."created_at" IS 'When the row was created.';
COMMENT ON TABLE "requeuest_worker" IS 'A running worker. Maintained by the workers: a row is renewed every 15 seconds, and deleted when the worker stops or has not renewed it for two minutes.';
COMMENT ON COLUMN "requeuest_worker"."id" IS 'Host, process id and a random part, as in `HttpAttempt.workerId`.';
COMMENT ON COLUMN "requeuest_worker"."host" IS 'Name of the host.';
COMMENT ON COLUMN "requeuest_worker"."pid" IS 'Process id.';
COMMENT ON COLUMN "requeuest_worker"."version" IS 'Version of the library.';
COMMENT ON COLUMN "requeuest_worker"."channels" IS 'The channels it takes requests from; empty for all.';
COMMENT ON COLUMN "requeuest_worker"."concurrency" IS 'How many requests it may have under way.';
COMMENT ON COLUMN "requeuest_worker"."started_at" IS 'When the worker started.';
COMMENT ON COLUMN "requeuest_worker"."last_seen_at" IS 'When the worker last renewed the row.';
COMMENT ON COLUMN "requeuest_worker"."reports_depth" IS 'Whether its process measures the queue, which of all such workers the first one does.';
COMMENT ON TABLE "requeuest_activity" IS 'How much was sent and how long that took, in a span of time: of a channel or to an origin. For charts; what a worker has counted and not written is lost with it. Maintained by the workers, and deleted when it is older than a chart reaches back.';
COMMENT ON COLUMN "requeuest_activity"."kind" IS 'Whether `name` is a channel or an origin.';
COMMENT ON COLUMN "requeuest_activity"."minutes" IS 'Length of the span in minutes: 1, 10 or 30. Everything is counted in a row of each.';
COMMENT ON COLUMN "requeuest_activity"."at" IS 'When the span begins.';
COMMENT ON COLUMN "requeuest_activity"."name" IS 'The channel or origin; '''' for all others, where there are many.';
COMMENT ON COLUMN "requeuest_activity"."attempts" IS 'How many attempts ended.';
COMMENT ON COLUMN "requeuest_activity"."accepted" IS 'How many of them were accepted.';
COMMENT ON COLUMN "requeuest_activity"."delivered" IS 'How many requests were delivered.';
COMMENT ON COLUMN "requeuest_activity"."failed" IS 'How many requests failed for good.';
COMMENT ON COLUMN "requeuest_activity"."total_ms" IS 'How long the attempts took together, in milliseconds.';
COMMENT ON COLUMN "requeuest_activity"."latency" IS 'How many attempts took how long, by class: the n-th, from 0, is of those from 2^(n/3) to 2^((n+1)/3) milliseconds.';
COMMENT ON INDEX "requeuest_request_pkey" IS 'Primary key.';
COMMENT ON INDEX "requeuest_attempt_pkey" IS 'Primary key. Finds the attempts of a request.';
COMMENT ON INDEX "requeuest_handler_pkey" IS 'Primary key.';
COMMENT ON INDEX "requeuest_line_pkey" IS 'Primary key.';
COMMENT ON INDEX "requeuest_schedule_pkey" IS 'Primary key.';
COMMENT ON INDEX "requeuest_limit_pkey" IS 'Primary key.';
COMMENT ON INDEX "requeuest_semaphore_lease_pkey" IS 'Primary key.';
COMMENT ON INDEX "requeuest_worker_pkey" IS 'Primary key.';
COMMENT ON INDEX "requeuest_activity_pkey" IS 'Primary key. Finds what was counted in the last minutes or hours.';
COMMENT ON INDEX "requeuest_request_ready_idx" IS 'Claims by channel: pending requests that are not blocked, in the order in which they are claimed. The condition on priority is always true; statements repeat it to name this index.';
COMMENT ON INDEX "requeuest_request_origin_idx" IS 'Claims by channel and origin, while some origins may not be sent to. The condition on origin is always true; statements repeat it to name this index.';
COMMENT ON INDEX "requeuest_request_lease_idx" IS 'Finds claims whose lease has run out.';
COMMENT ON INDEX "requeuest_request_expiry_idx" IS 'Finds pending requests that have expired.';
COMMENT ON INDEX "requeuest_request_dedupe_idx" IS 'Allows one request with a deduplication key in a channel at a time.';
COMMENT ON INDEX "requeuest_request_retention_idx" IS 'Finds final requests that are old enough to be deleted, or to lose their bodies.';
COMMENT ON INDEX "requeuest_request_failed_idx" IS 'Finds failed and cancelled requests, in the order of their ids. The condition on priority is always true; statements repeat it to name this index.';
COMMENT ON INDEX "requeuest_request_handler_idx" IS 'Finds final requests whose handler has yet to run.';
COMMENT ON INDEX "requeuest_request_encryption_key_idx" IS 'Finds requests that are encrypted with an old key.';
COMMENT ON INDEX "requeuest_attempt_encryption_key_idx" IS 'Finds attempts that are encrypted with an old key.';
COMMENT ON INDEX "requeuest_attempt_started_idx" IS 'Finds the attempts of the last minutes or hours.';
COMMENT ON INDEX "requeuest_line_held_idx" IS 'Finds held lines.';
COMMENT ON INDEX "requeuest_request_line_idx" IS 'Finds the next live request of a line.';
COMMENT ON INDEX "requeuest_request_unblock_idx" IS 'Finds final requests behind which the next one could not be unblocked yet.';
COMMENT ON INDEX "requeuest_schedule_due_idx" IS 'Finds schedules that are due.';
COMMENT ON INDEX "requeuest_limit_paused_idx" IS 'Finds what is paused. Every claim looks here.';
COMMENT ON FUNCTION "requeuest_cascade_delete_to_attempts" IS 'Deletes the attempts of deleted requests (Postgres 18 and later; before, the foreign key does).';
COMMENT ON FUNCTION "requeuest_cascade_id_to_attempts" IS 'Gives attempts the new id of their request (Postgres 18 and later; before, the foreign key does).';
COMMENT ON FUNCTION "requeuest_allow_truncate" IS 'Does nothing, but lets both tables be truncated together (Postgres 18 and later).';
COMMENT ON FUNCTION "requeuest_check_request" IS 'Rejects values that no worker could deal with, and resets what the database maintains.';
COMMENT ON FUNCTION "requeuest_clear_origin" IS 'Clears the origin of a request whose URL has changed; a worker reads it anew.';
COMMENT ON FUNCTION "requeuest_body_text" IS 'Returns a body as text: after = if it is UTF-8, in base64 otherwise.';
COMMENT ON FUNCTION "requeuest_redrive" IS 'Makes a failed or cancelled request due again, with a new budget of attempts.';
COMMENT ON FUNCTION "requeuest_is_blocked" IS 'Tells whether a request has to wait for an earlier one of its line, or for the line to be released.';
COMMENT ON FUNCTION "requeuest_join_line" IS 'Gives a new ordered request its place in line.';
COMMENT ON FUNCTION "requeuest_unblock_next" IS 'Unblocks the next live request of a line, or deletes the line if there is none. False if another transaction has the line or the request locked.';
COMMENT ON FUNCTION "requeuest_hold_or_unblock_line" IS 'Holds a line or unblocks its next request, after its first one has become final.';
COMMENT ON FUNCTION "requeuest_leave_line" IS 'Unblocks the next request of the line that a request has left.';
COMMENT ON FUNCTION "requeuest_rejoin_line" IS 'Gives a redriven request its place in line: the last one, unless the line still waits behind it.';
COMMENT ON FUNCTION "requeuest_change_line" IS 'Moves an edited request to the end of its new line, and rejects that while it is being sent.';
COMMENT ON FUNCTION "requeuest_protect_place" IS 'Rejects changes of order_seq and blocked, which the database maintains.';
COMMENT ON FUNCTION "requeuest_reset_next_run" IS 'Clears the next time of a schedule whose plan has changed; a worker computes it anew.';
COMMENT ON TRIGGER "requeuest_check_updated_request" ON "requeuest_request" IS 'Checks what is changed in a request.';
COMMENT ON TRIGGER "requeuest_check_new_request" ON "requeuest_request" IS 'Checks a new request that the library has not checked.';
COMMENT ON TRIGGER "requeuest_clear_origin" ON "requeuest_request" IS 'Clears the origin when the URL changes.';
COMMENT ON TRIGGER "requeuest_join_line" ON "requeuest_request" IS 'Gives a new ordered request its place in line.';
COMMENT ON TRIGGER "requeuest_hold_or_unblock_line" ON "requeuest_request" IS 'Holds the line or unblocks the next request when an ordered request becomes final.';
COMMENT ON TRIGGER "requeuest_leave_line" ON "requeuest_request" IS 'Unblocks the next request when the first one of a line is deleted.';
COMMENT ON TRIGGER "requeuest_rejoin_line" ON "requeuest_request" IS 'Gives an ordered request that is redriven its place in line.';
COMMENT ON TRIGGER "requeuest_change_line" ON "requeuest_request" IS 'Moves a request whose channel or order_key changes to its new line.';
COMMENT ON TRIGGER "requeuest_leave_old_line" ON "requeuest_request" IS 'Unblocks the next request of the line that an edited request has left.';
COMMENT ON TRIGGER "requeuest_protect_place" ON "requeuest_request" IS 'Rejects changes of order_seq and blocked.';
COMMENT ON TRIGGER "requeuest_reset_next_run" ON "requeuest_schedule" IS 'Clears the next time when cron, timezone or the pause changes.';
DO $$ BEGIN
  IF current_setting('server_version_num')::int >= 180000 THEN
    COMMENT ON TRIGGER "requeuest_cascade_delete_to_attempts" ON "requeuest_request" IS 'Deletes the attempts of deleted requests, instead of the foreign key.';
  END IF;
END $$;
DO $$ BEGIN
  IF current_setting('server_version_num')::int >= 180000 THEN
    COMMENT ON TRIGGER "requeuest_cascade_id_to_attempts" ON "requeuest_request" IS 'Gives attempts the new id of their request, instead of the foreign key.';
  END IF;
END $$;
DO $$ BEGIN
  IF current_setting('server_version_num')::int >= 180000 THEN
    COMMENT ON TRIGGER "requeuest_allow_truncate" ON "requeuest_attempt" IS 'Lets both tables be truncated together.';
  END IF;
END $$;
-- End of the comments.

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
