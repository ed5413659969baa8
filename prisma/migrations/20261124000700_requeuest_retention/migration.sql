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
