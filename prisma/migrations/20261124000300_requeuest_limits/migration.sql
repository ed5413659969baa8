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
