-- Lines of requests that are sent one after another. Triggers keep them, since a row that is written by hand has to keep its line as
-- well.

CREATE TABLE IF NOT EXISTS "requeuest_line" (
  "channel" TEXT NOT NULL,
  "order_key" TEXT NOT NULL,
  "tail" BIGINT NOT NULL,
  "held_by_id" UUID,
  "held_at" TIMESTAMPTZ(3),
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT statement_timestamp(),
  CONSTRAINT "requeuest_line_pkey" PRIMARY KEY ("channel", "order_key")
);

CREATE INDEX IF NOT EXISTS "requeuest_request_line_idx"
  ON "requeuest_request" ("channel", "order_key", "order_seq")
  WHERE "order_key" IS NOT NULL AND "state" IN ('pending', 'claimed');

CREATE INDEX IF NOT EXISTS "requeuest_request_turn_idx"
  ON "requeuest_request" ("id") WHERE "passes_turn";

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

  NEW."waits_in_line" := NEW."order_seq" > 1;
  RETURN NEW;
END $$;

-- Lets the next live request of a line through, or removes the line when nobody stands in it. `after_seq` is the
-- place of the one before: the search begins there and does not wade through what is left of those before it.
-- False means that another transaction holds the line or its next request: try again later. With `wait` it
-- waits for both instead.
CREATE OR REPLACE FUNCTION "requeuest_next_turn"(line_channel text, line_key text, after_seq bigint, wait boolean)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  held boolean;
  next_id uuid;
  next_waits boolean;
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
    SELECT "id", "waits_in_line" INTO next_id, next_waits FROM "requeuest_request"
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
    IF NOT next_waits THEN RETURN true; END IF;

    -- Whoever holds it may make it final: then the turn is that of the one behind it.
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
  UPDATE "requeuest_request" SET "waits_in_line" = false WHERE "id" = next_id;
  RETURN true;
END $$;

-- The head of a line became final: hold the line or let the next one through. What cannot be done now,
-- because somebody holds the line or a lost worker may still be sending, is marked for a worker to do. A line that has
-- ended meanwhile has nobody to hold up.
CREATE OR REPLACE FUNCTION "requeuest_pass_turn"() RETURNS trigger LANGUAGE plpgsql AS $$
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
      passed := "requeuest_next_turn"(NEW."channel", NEW."order_key", NEW."order_seq", false);
    END IF;
  END IF;
  IF passed = NEW."passes_turn" THEN
    UPDATE "requeuest_request" SET "passes_turn" = NOT passed WHERE "id" = NEW."id";
  END IF;
  RETURN NULL;
END $$;

-- A live head was deleted by hand. Nothing is left to mark, so this one waits for the line.
CREATE OR REPLACE FUNCTION "requeuest_leave_line"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM "requeuest_next_turn"(OLD."channel", OLD."order_key", OLD."order_seq", true);
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER "requeuest_join_line" BEFORE INSERT ON "requeuest_request"
  FOR EACH ROW WHEN (NEW."order_key" IS NOT NULL AND NEW."state" = 'pending')
  EXECUTE FUNCTION "requeuest_join_line"();

CREATE OR REPLACE TRIGGER "requeuest_pass_turn" AFTER UPDATE OF "state" ON "requeuest_request"
  FOR EACH ROW WHEN (
    NEW."order_key" IS NOT NULL AND NOT NEW."waits_in_line"
    AND NEW."state" IN ('delivered', 'failed', 'cancelled')
    AND (OLD."state" IN ('pending', 'claimed') OR OLD."passes_turn"))
  EXECUTE FUNCTION "requeuest_pass_turn"();

CREATE OR REPLACE TRIGGER "requeuest_leave_line" AFTER DELETE ON "requeuest_request"
  FOR EACH ROW WHEN (
    OLD."order_key" IS NOT NULL AND NOT OLD."waits_in_line"
    AND (OLD."state" IN ('pending', 'claimed') OR OLD."passes_turn"))
  EXECUTE FUNCTION "requeuest_leave_line"();

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
