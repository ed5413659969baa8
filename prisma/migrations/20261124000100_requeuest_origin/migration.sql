-- The scheme, host and port that a request goes to, so that a worker can leave out those that are busy.

ALTER TABLE "requeuest_request" ADD COLUMN IF NOT EXISTS "origin" TEXT NOT NULL DEFAULT '';

-- No longer than what a host name can be: what a hand-made row holds must fit into the index. Never '', which means
-- that nobody has looked yet.
CREATE OR REPLACE FUNCTION "requeuest_origin"(url text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(lower(left(substring(url FROM '^[A-Za-z]+://[^/?#\\]*'), 300)), 'none')
$$;

UPDATE "requeuest_request" SET "origin" = "requeuest_origin"("url") WHERE "origin" = '';

-- Lanes of an origin are found by stepping from one to the next, as priorities of a channel are in the other index.
-- The conditions that always hold keep the two apart: a planner that believes the table empty would take either for
-- either, and read a whole backlog.
CREATE INDEX IF NOT EXISTS "requeuest_request_lane_idx"
  ON "requeuest_request" ("channel", "origin", "priority", "run_at", "id")
  WHERE "state" = 'pending' AND NOT "waits_in_line" AND "origin" <> '';

CREATE INDEX IF NOT EXISTS "requeuest_request_ready_idx"
  ON "requeuest_request" ("channel", "priority", "run_at", "id")
  WHERE "state" = 'pending' AND NOT "waits_in_line" AND "priority" >= 0;

DROP INDEX IF EXISTS "requeuest_request_due_idx";

CREATE OR REPLACE FUNCTION "requeuest_note_origin"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW."origin" := "requeuest_origin"(NEW."url");
  RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER "requeuest_note_origin" BEFORE INSERT ON "requeuest_request"
  FOR EACH ROW WHEN (NEW."origin" = '')
  EXECUTE FUNCTION "requeuest_note_origin"();

CREATE OR REPLACE TRIGGER "requeuest_change_origin" BEFORE UPDATE OF "url" ON "requeuest_request"
  FOR EACH ROW WHEN (NEW."url" <> OLD."url")
  EXECUTE FUNCTION "requeuest_note_origin"();
