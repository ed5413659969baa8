-- What it takes to send a request could not be had, such as the keys to sign it with. Nothing was sent.
ALTER TYPE "requeuest_attempt_outcome" ADD VALUE IF NOT EXISTS 'unprepared';

-- The waits between tries one by one, and what statuses mean that are not accepted.
ALTER TABLE "requeuest_request" ADD COLUMN IF NOT EXISTS "backoff_delays_ms" INTEGER[] DEFAULT ARRAY[]::INTEGER[];
ALTER TABLE "requeuest_request" ADD COLUMN IF NOT EXISTS "on_status" JSONB NOT NULL DEFAULT '{}';

CREATE OR REPLACE TRIGGER "requeuest_request_backoff_delays_check"
  BEFORE INSERT OR UPDATE OF "backoff_delays_ms" ON "requeuest_request"
  FOR EACH ROW WHEN (NOT (0 <= ALL (NEW."backoff_delays_ms")))
  EXECUTE FUNCTION "requeuest_refuse_row"();

ALTER TABLE "requeuest_schedule" ADD COLUMN IF NOT EXISTS "backoff_delays_ms" INTEGER[] DEFAULT ARRAY[]::INTEGER[]
  CONSTRAINT "requeuest_schedule_backoff_delays_check" CHECK (0 <= ALL ("backoff_delays_ms"));
ALTER TABLE "requeuest_schedule" ADD COLUMN IF NOT EXISTS "on_status" JSONB NOT NULL DEFAULT '{}';
