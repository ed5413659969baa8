-- Makes one request that is failed or cancelled due again. It may take as many tries as it was given before, or `tries`,
-- and its waits begin anew. An expiry that has passed is dropped. One request at a time, so that those of a line can be taken
-- in the order of their places.
CREATE OR REPLACE FUNCTION "requeuest_redrive"(request_id uuid, tries integer, expires_after_ms double precision)
RETURNS void LANGUAGE sql AS $$
  UPDATE "requeuest_request" SET
    "state" = 'pending',
    "run_at" = statement_timestamp(),
    "expires_at" = CASE
        WHEN expires_after_ms IS NOT NULL THEN statement_timestamp() + expires_after_ms * interval '1 millisecond'
        WHEN "expires_at" > statement_timestamp() THEN "expires_at"
      END,
    "max_attempts" = least(
      "attempt_count" + coalesce(tries, greatest("max_attempts" - "tries_before", 1))::bigint, 2147483647)::integer,
    "tries_before" = "attempt_count",
    "lease_expiries" = 0, "claimed_by" = NULL, "claimed_at" = NULL, "lease_until" = NULL,
    "failure_code" = NULL, "finished_at" = NULL, "handler_due_at" = NULL, "handler_errors" = 0
  WHERE "id" = request_id
$$;
