import { type Mutant, mutant } from '../mutant.ts'

export const RETENTION: Mutant[] = [
  mutant(
    'retention deletes the request that holds its line',
    'findOldRequests',
    ['order_key IS', 'true OR order_key IS'],
    {
      file: 'test/maintenance/prune.test.ts',
      test: 'the failed request that holds its line stays, and the line stands, until it is released',
    },
  ),
  mutant('retention waits for locked rows', 'findOldRequests', ['UPDATE SKIP LOCKED', 'UPDATE'], {
    file: 'test/maintenance/prune.test.ts',
    test: 'a row that is locked is left for another time, and the rest is deleted',
  }),
  mutant(
    'retention deletes the bodies of what is yet to be handled',
    'findOldBodies',
    ['handler_due_at IS NULL AND (', '('],
    { file: 'test/handlers/handlers.slow.test.ts', test: 'retention waits for the handler' },
  ),
  mutant(
    'a change of the encryption key brings deleted bodies back',
    'replaceAttemptContents',
    [
      `CASE WHEN attempt.body IS NOT NULL THEN substring(\${bodies.bytes}::bytea FROM new.start FOR new.length) END`,
      `substring(\${bodies.bytes}::bytea FROM new.start FOR new.length)`,
    ],
    {
      file: 'test/maintenance/prune.test.ts',
      test: 'a change of the encryption key brings no body back that was deleted in between',
    },
  ),
]
