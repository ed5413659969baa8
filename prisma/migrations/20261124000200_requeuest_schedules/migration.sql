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
  "max_attempts" INTEGER NOT NULL DEFAULT 100000,
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
  CONSTRAINT "requeuest_schedule_accept_check" CHECK ("accept" IS NOT NULL AND cardinality("accept") > 0),
  CONSTRAINT "requeuest_schedule_timeout_ms_check" CHECK ("timeout_ms" BETWEEN 1 AND 86400000),
  CONSTRAINT "requeuest_schedule_max_redirects_check" CHECK ("max_redirects" BETWEEN 0 AND 20),
  CONSTRAINT "requeuest_schedule_max_attempts_check" CHECK ("max_attempts" >= 1),
  CONSTRAINT "requeuest_schedule_backoff_check" CHECK ("backoff_base_ms" >= 0 AND "backoff_max_ms" >= 0 AND "backoff_factor" BETWEEN 1 AND 1000),
  CONSTRAINT "requeuest_schedule_backoff_delays_check" CHECK (0 <= ALL ("backoff_delays_ms")),
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

CREATE OR REPLACE TRIGGER "requeuest_change_plan" BEFORE UPDATE OF "cron", "timezone", "paused_at" ON "requeuest_schedule"
  FOR EACH ROW WHEN (
    NEW."cron" <> OLD."cron" OR NEW."timezone" <> OLD."timezone"
    OR (NEW."paused_at" IS NULL) <> (OLD."paused_at" IS NULL))
  EXECUTE FUNCTION "requeuest_change_plan"();
