-- Requests that are spawned again: under a key of which a channel has one at a time, or because somebody redrives them.

ALTER TABLE "requeuest_request" ADD COLUMN IF NOT EXISTS "dedupe_key" TEXT;
ALTER TABLE "requeuest_request" ADD COLUMN IF NOT EXISTS "dedupe_until" TIMESTAMPTZ(3);
ALTER TABLE "requeuest_request" ADD COLUMN IF NOT EXISTS "dedupe_over" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "requeuest_request" ADD COLUMN IF NOT EXISTS "tries_before" INTEGER NOT NULL DEFAULT 0;

CREATE OR REPLACE TRIGGER "requeuest_request_dedupe_key_check"
  BEFORE INSERT OR UPDATE OF "dedupe_key" ON "requeuest_request"
  FOR EACH ROW WHEN (NOT (length(NEW."dedupe_key") BETWEEN 1 AND 200))
  EXECUTE FUNCTION "requeuest_refuse_row"();

-- Requests without a key are not in it.
CREATE UNIQUE INDEX IF NOT EXISTS "requeuest_request_dedupe_idx"
  ON "requeuest_request" ("channel", "dedupe_key") WHERE "dedupe_key" IS NOT NULL AND NOT "dedupe_over";

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
  IF keeps_place THEN RETURN NEW; END IF;

  INSERT INTO "requeuest_line" AS line ("channel", "order_key", "tail")
  VALUES (NEW."channel", NEW."order_key", 1)
  ON CONFLICT ("channel", "order_key") DO UPDATE SET "tail" = line."tail" + 1
  RETURNING line."tail" INTO NEW."order_seq";
  NEW."waits_in_line" := NEW."order_seq" > 1;
  RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER "requeuest_rejoin_line" BEFORE UPDATE OF "state" ON "requeuest_request"
  FOR EACH ROW WHEN (
    NEW."order_key" IS NOT NULL AND NEW."state" = 'pending' AND OLD."state" IN ('delivered', 'failed', 'cancelled'))
  EXECUTE FUNCTION "requeuest_rejoin_line"();
