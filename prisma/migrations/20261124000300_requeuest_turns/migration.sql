-- A turn could be given to a request that became final while the line was waited for or passed: then it was lost, and the
-- line stood still.

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
