import { type Mutant, mutant } from '../mutant.ts'

export const LINES: Mutant[] = [
  mutant(
    'a line is unblocked while a lost worker may still be sending',
    'requeuest_hold_or_unblock_line',
    ['NEW."lease_until" IS NULL OR NEW."lease_until" <= statement_timestamp()', 'true'],
    { file: 'test/claim/order.test.ts', test: 'a line waits for a request that is cancelled while it is being sent' },
  ),
  mutant(
    'a late success gives up the lease of the worker that may still be sending',
    'settleClaims',
    ['CASE WHEN request.attempt_count > result.number THEN request.lease_until END', 'NULL'],
    {
      file: 'test/claim/order.test.ts',
      test: 'a line under concurrency: a late success waits for the worker that may still be sending',
    },
  ),
  mutant(
    "afterFailure: 'hold' is ignored",
    'requeuest_hold_or_unblock_line',
    [`NEW."state" = 'failed' AND NEW."after_failure" = 'hold'`, 'false'],
    { file: 'test/claim/order.test.ts', test: 'a held line stands still until it is released, and is visible' },
  ),
  mutant(
    'a line stands still for a request that becomes final meanwhile',
    'requeuest_unblock_next',
    [`AND "state" IN ('pending', 'claimed') FOR UPDATE;`, 'FOR UPDATE;'],
    { file: 'test/model/lines.test.ts', test: 'passes over the next one when that is cancelled meanwhile' },
  ),
  mutant(
    'a release is no part of the transaction that it is called in',
    'release',
    ['inTransactionOfCaller(db, tx, (into)', 'inTransactionOfCaller(db, undefined, (into)'],
    {
      file: 'test/claim/order.test.ts',
      test: 'a held line is released with the transaction that asks for it, and not without',
    },
  ),
]
