import { type Mutant, mutant } from '../mutant.ts'

export const RETENTION: Mutant[] = [
  mutant(
    'retention deletes the request that holds its line',
    'src/store/retention.ts',
    ['AND (order_key IS NULL OR (', 'AND (true OR order_key IS NULL OR ('],
    {
      file: 'test/maintenance/prune.test.ts',
      test: 'the failed request that holds its line stays, and the line stands, until it is released',
    },
  ),
  mutant(
    'retention waits for locked rows',
    'src/store/retention.ts',
    [`LIMIT \${limit} FOR UPDATE SKIP LOCKED`, `LIMIT \${limit} FOR UPDATE`],
    {
      file: 'test/maintenance/prune.test.ts',
      test: 'a row that is locked is left for another time, and the rest is deleted',
    },
  ),
  mutant(
    'retention deletes the bodies of what is yet to be handled',
    'src/store/retention.ts',
    ['AND handler_due_at IS NULL AND (lease_until', 'AND (lease_until'],
    { file: 'test/handlers/handlers.test.ts', test: 'retention waits for the handler' },
  ),
  mutant(
    'a change of the encryption key brings deleted bodies back',
    'src/store/encrypted.ts',
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
