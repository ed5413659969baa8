-- What it takes to send a request could not be had, such as the keys to sign it with. Nothing was sent.
ALTER TYPE "requeuest_attempt_outcome" ADD VALUE IF NOT EXISTS 'unprepared';

-- The waits between tries one by one, and what statuses mean that are not accepted. Most requests have neither, and nothing
-- takes less than NULL to store and to read.
ALTER TABLE "requeuest_request" ADD COLUMN IF NOT EXISTS "backoff_delays_ms" INTEGER[];
ALTER TABLE "requeuest_request" ADD COLUMN IF NOT EXISTS "on_status" JSONB;

CREATE OR REPLACE TRIGGER "requeuest_request_backoff_delays_check"
  BEFORE INSERT OR UPDATE OF "backoff_delays_ms" ON "requeuest_request"
  FOR EACH ROW WHEN (NOT (0 <= ALL (NEW."backoff_delays_ms")))
  EXECUTE FUNCTION "requeuest_refuse_row"();

ALTER TABLE "requeuest_schedule" ADD COLUMN IF NOT EXISTS "backoff_delays_ms" INTEGER[]
  CONSTRAINT "requeuest_schedule_backoff_delays_check" CHECK (0 <= ALL ("backoff_delays_ms"));
ALTER TABLE "requeuest_schedule" ADD COLUMN IF NOT EXISTS "on_status" JSONB;

-- What a renderer made of a request.
ALTER TABLE "requeuest_attempt" ADD COLUMN IF NOT EXISTS "rendered" JSONB;
