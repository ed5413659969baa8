import { type Mutant, mutant } from '../mutant.ts'

export const HANDLERS: Mutant[] = [
  mutant(
    'a handler that passes over an error of Postgres counts as done',
    'src/handlers/transaction.ts',
    ['  await clearHandling(tx, requestId)\n', '  await clearHandling(tx, requestId).then(null, () => {})\n'],
    {
      file: 'test/handlers/handlers.test.ts',
      test: 'one that passes over an error of the database commits nothing, and is tried again',
    },
  ),
  mutant(
    'a statement of a handler has no limit',
    'src/handlers/transaction.ts',
    ['limitTransaction(tx, timeoutMs, timeoutMs + IDLE_GRACE_MS)', 'limitTransaction(tx, 0, 0)'],
    {
      file: 'test/handlers/handlers.test.ts',
      test: 'one that waits for the database for too long is undone and tried again',
    },
  ),
  mutant(
    'what failed with its handler is not settled without',
    'src/handlers/settle.ts',
    ['onError(error, 1)\n      settler.add(settlement)', 'onError(error, 1)'],
    {
      file: 'test/handlers/handlers.test.ts',
      test: 'one that throws is undone and tried again until it succeeds, and the request is not sent again',
    },
  ),
  mutant(
    'two processes run the same handler at once',
    'src/store/handlers.ts',
    ['LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED', 'LIMIT 1'],
    { file: 'test/handlers/handlers.test.ts', test: 'of many processes one handles each request' },
  ),
  mutant(
    'slow handlers of one channel take all slots',
    'src/handlers/slots.ts',
    ['const PER_CHANNEL = 2', 'const PER_CHANNEL = 6'],
    {
      file: 'test/handlers/handlers.test.ts',
      test: "slow handlers of one channel hold up neither that channel's requests nor another's handlers",
    },
  ),
  mutant(
    'slow handlers of three channels take all slots',
    'src/handlers/slots.ts',
    ['const RESERVED = 2', 'const RESERVED = 0'],
    {
      file: 'test/handlers/handlers.test.ts',
      test: 'slow handlers of three channels leave those of a fourth the slots that they need',
    },
  ),
  mutant(
    'what is cancelled is not handled',
    'src/store/requests.ts',
    [
      'handler_due_at = (SELECT statement_timestamp() FROM requeuest_handler WHERE channel = request.channel)',
      'handler_due_at = NULL',
    ],
    {
      file: 'test/handlers/handlers.test.ts',
      test: 'what becomes final without being sent, or in a process that has no handler, is handled as well',
    },
  ),
]
