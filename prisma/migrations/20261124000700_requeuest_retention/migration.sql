-- Final requests that are old enough are deleted by the upkeep, or lose their bodies. Both are found through one index,
-- which only final requests are in: their order in it is that in which they are done with.

ALTER TABLE "requeuest_request" ADD COLUMN IF NOT EXISTS "bodies_pruned" BOOLEAN NOT NULL DEFAULT false;

CREATE INDEX IF NOT EXISTS "requeuest_request_final_idx"
  ON "requeuest_request" ("state", "bodies_pruned", "finished_at") WHERE "finished_at" IS NOT NULL;

-- Attempts are only inserted until retention deletes them, so a small share of dead rows is worth a vacuum; what is left
-- of long bodies lies in the tables beside.
ALTER TABLE "requeuest_attempt" SET (
  autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0,
  toast.autovacuum_vacuum_scale_factor = 0.01, toast.autovacuum_vacuum_threshold = 5000,
  toast.autovacuum_vacuum_cost_delay = 0
);
ALTER TABLE "requeuest_request" SET (
  toast.autovacuum_vacuum_scale_factor = 0.01, toast.autovacuum_vacuum_threshold = 5000,
  toast.autovacuum_vacuum_cost_delay = 0
);

-- The channels whose requests have a handler. Whatever makes such a request final marks it as due to be handled, whichever
-- process that is, and the handler's transaction takes the mark away.

CREATE TABLE IF NOT EXISTS "requeuest_handler" (
  "channel" TEXT NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT statement_timestamp(),
  CONSTRAINT "requeuest_handler_pkey" PRIMARY KEY ("channel")
);

ALTER TABLE "requeuest_request"
  ADD COLUMN IF NOT EXISTS "handler_due_at" TIMESTAMPTZ(3),
  ADD COLUMN IF NOT EXISTS "handler_errors" INTEGER NOT NULL DEFAULT 0;

CREATE INDEX IF NOT EXISTS "requeuest_request_handler_idx"
  ON "requeuest_request" ("channel", "handler_due_at") WHERE "handler_due_at" IS NOT NULL;
