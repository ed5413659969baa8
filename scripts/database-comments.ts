/** What the schema has no place for: the comments of indexes, functions and triggers, in the migration's order. */

export const indexComments: Record<string, string> = {
  requeuest_request_pkey: 'Primary key.',
  requeuest_attempt_pkey: 'Primary key. Finds the attempts of a request.',
  requeuest_handler_pkey: 'Primary key.',
  requeuest_line_pkey: 'Primary key.',
  requeuest_schedule_pkey: 'Primary key.',
  requeuest_limit_pkey: 'Primary key.',
  requeuest_semaphore_lease_pkey: 'Primary key.',
  requeuest_worker_pkey: 'Primary key.',
  requeuest_activity_pkey: 'Primary key. Finds what was counted in the last minutes or hours.',
  requeuest_request_ready_idx:
    'Claims by channel: pending requests that are not blocked, in the order in which they are claimed. The condition on priority is always true; statements repeat it to name this index.',
  requeuest_request_origin_idx:
    'Claims by channel and origin, while some origins may not be sent to. The condition on origin is always true; statements repeat it to name this index.',
  requeuest_request_lease_idx: 'Finds claims whose lease has run out.',
  requeuest_request_expiry_idx: 'Finds pending requests that have expired.',
  requeuest_request_dedupe_idx: 'Allows one request with a deduplication key in a channel at a time.',
  requeuest_request_retention_idx: 'Finds final requests that are old enough to be deleted, or to lose their bodies.',
  requeuest_request_failed_idx:
    'Finds failed and cancelled requests, in the order of their ids. The condition on priority is always true; statements repeat it to name this index.',
  requeuest_request_handler_idx: 'Finds final requests whose handler has yet to run.',
  requeuest_request_encryption_key_idx: 'Finds requests that are encrypted with an old key.',
  requeuest_attempt_encryption_key_idx: 'Finds attempts that are encrypted with an old key.',
  requeuest_attempt_started_idx: 'Finds the attempts of the last minutes or hours.',
  requeuest_line_held_idx: 'Finds held lines.',
  requeuest_request_line_idx: 'Finds the next live request of a line.',
  requeuest_request_unblock_idx: 'Finds final requests behind which the next one could not be unblocked yet.',
  requeuest_schedule_due_idx: 'Finds schedules that are due.',
  requeuest_limit_paused_idx: 'Finds what is paused. Every claim looks here.',
}

export const functionComments: Record<string, string> = {
  requeuest_cascade_delete_to_attempts:
    'Deletes the attempts of deleted requests (Postgres 18 and later; before, the foreign key does).',
  requeuest_cascade_id_to_attempts:
    'Gives attempts the new id of their request (Postgres 18 and later; before, the foreign key does).',
  requeuest_allow_truncate: 'Does nothing, but lets both tables be truncated together (Postgres 18 and later).',
  requeuest_check_request: 'Rejects values that no worker could deal with, and resets what the database maintains.',
  requeuest_clear_origin: 'Clears the origin of a request whose URL has changed; a worker reads it anew.',
  requeuest_body_text: 'Returns a body as text: after = if it is UTF-8, in base64 otherwise.',
  requeuest_redrive: 'Makes a failed or cancelled request due again, with a new budget of attempts.',
  requeuest_is_blocked:
    'Tells whether a request has to wait for an earlier one of its line, or for the line to be released.',
  requeuest_join_line: 'Gives a new ordered request its place in line.',
  requeuest_unblock_next:
    'Unblocks the next live request of a line, or deletes the line if there is none. False if another transaction has the line or the request locked.',
  requeuest_hold_or_unblock_line: 'Holds a line or unblocks its next request, after its first one has become final.',
  requeuest_leave_line: 'Unblocks the next request of the line that a request has left.',
  requeuest_rejoin_line:
    'Gives a redriven request its place in line: the last one, unless the line still waits behind it.',
  requeuest_change_line: 'Moves an edited request to the end of its new line, and rejects that while it is being sent.',
  requeuest_protect_place: 'Rejects changes of order_seq and blocked, which the database maintains.',
  requeuest_reset_next_run: 'Clears the next time of a schedule whose plan has changed; a worker computes it anew.',
}

interface TriggerComment {
  table: string
  comment: string
  /** The first version of Postgres for which the migration makes it, as `server_version_num` says it. */
  since?: number
}

const ON_REQUEST = { table: 'requeuest_request' }

export const triggerComments: Record<string, TriggerComment> = {
  requeuest_cascade_delete_to_attempts: {
    ...ON_REQUEST,
    comment: 'Deletes the attempts of deleted requests, instead of the foreign key.',
    since: 180_000,
  },
  requeuest_cascade_id_to_attempts: {
    ...ON_REQUEST,
    comment: 'Gives attempts the new id of their request, instead of the foreign key.',
    since: 180_000,
  },
  requeuest_allow_truncate: {
    table: 'requeuest_attempt',
    comment: 'Lets both tables be truncated together.',
    since: 180_000,
  },
  requeuest_check_updated_request: { ...ON_REQUEST, comment: 'Checks what is changed in a request.' },
  requeuest_check_new_request: { ...ON_REQUEST, comment: 'Checks a new request that the library has not checked.' },
  requeuest_clear_origin: { ...ON_REQUEST, comment: 'Clears the origin when the URL changes.' },
  requeuest_join_line: { ...ON_REQUEST, comment: 'Gives a new ordered request its place in line.' },
  requeuest_hold_or_unblock_line: {
    ...ON_REQUEST,
    comment: 'Holds the line or unblocks the next request when an ordered request becomes final.',
  },
  requeuest_leave_line: {
    ...ON_REQUEST,
    comment: 'Unblocks the next request when the first one of a line is deleted.',
  },
  requeuest_rejoin_line: { ...ON_REQUEST, comment: 'Gives an ordered request that is redriven its place in line.' },
  requeuest_change_line: {
    ...ON_REQUEST,
    comment: 'Moves a request whose channel or order_key changes to its new line.',
  },
  requeuest_leave_old_line: {
    ...ON_REQUEST,
    comment: 'Unblocks the next request of the line that an edited request has left.',
  },
  requeuest_protect_place: { ...ON_REQUEST, comment: 'Rejects changes of order_seq and blocked.' },
  requeuest_reset_next_run: {
    table: 'requeuest_schedule',
    comment: 'Clears the next time when cron, timezone or the pause changes.',
  },
}
