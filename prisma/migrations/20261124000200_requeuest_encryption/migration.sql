-- Which key the headers and the body of a row are encrypted with.

ALTER TABLE "requeuest_request" ADD COLUMN IF NOT EXISTS "encryption_key" TEXT;
ALTER TABLE "requeuest_attempt" ADD COLUMN IF NOT EXISTS "encryption_key" TEXT;

-- What an old key still holds has to be found, without a look at every row there ever was.
CREATE INDEX IF NOT EXISTS "requeuest_request_key_idx"
  ON "requeuest_request" ("encryption_key", "id") WHERE "encryption_key" IS NOT NULL;

CREATE INDEX IF NOT EXISTS "requeuest_attempt_key_idx"
  ON "requeuest_attempt" ("encryption_key", "request_id", "number") WHERE "encryption_key" IS NOT NULL;
