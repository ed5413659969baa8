import { INIT, type Mutant, mutant } from '../mutant.ts'

export const LINES: Mutant[] = [
  mutant(
    'a line is unblocked while a lost worker may still be sending',
    INIT,
    ['IF NEW."lease_until" IS NULL OR NEW."lease_until" <= statement_timestamp() THEN', 'IF true THEN'],
    { file: 'test/order/order.test.ts', test: 'a line waits for a request that is cancelled while it is being sent' },
  ),
  mutant(
    'a late success gives up the lease of the worker that may still be sending',
    'src/store/settlements.ts',
    [
      'lease_until = CASE WHEN request.attempt_count > result.number THEN request.lease_until END,',
      'lease_until = NULL,',
    ],
    {
      file: 'test/order/order.test.ts',
      test: 'under concurrency a late success waits for the worker that may still be sending',
    },
  ),
  mutant(
    "afterFailure: 'hold' is ignored",
    INIT,
    [`IF NEW."state" = 'failed' AND NEW."after_failure" = 'hold' THEN`, 'IF false THEN'],
    { file: 'test/order/order.test.ts', test: 'a held line stands still until it is released, and is visible' },
  ),
  mutant(
    'a line stands still for a request that becomes final meanwhile',
    INIT,
    [
      `PERFORM 1 FROM "requeuest_request" WHERE "id" = next_id AND "state" IN ('pending', 'claimed') FOR UPDATE;`,
      'PERFORM 1 FROM "requeuest_request" WHERE "id" = next_id FOR UPDATE;',
    ],
    { file: 'test/model/lines.test.ts', test: 'passes over the next one when that is cancelled meanwhile' },
  ),
]
