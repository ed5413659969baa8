import { type Mutant, mutant } from '../mutant.ts'

export const HANDLERS: Mutant[] = [
  mutant(
    'a handler that passes over an error of Postgres counts as done',
    'handle',
    ['clearHandling(tx, requestId)', 'clearHandling(tx, requestId).then(null, () => {})'],
    {
      file: 'test/handlers/handlers.slow.test.ts',
      test: 'one that passes over an error of the database commits nothing, and is retried',
    },
  ),
  mutant(
    'a statement of a handler has no limit',
    'inOpenTransaction',
    ['timeoutMs, timeoutMs + IDLE_GRACE_MS', '0, 0'],
    {
      file: 'test/handlers/handlers.slow.test.ts',
      test: 'one that waits for the database for too long is undone and retried',
    },
  ),
  mutant(
    'what failed with its handler is not settled without',
    'HandlingSettler.#settle',
    ['(error, 1) settler.add(settlement)', '(error, 1)'],
    {
      file: 'test/handlers/handlers.slow.test.ts',
      test: 'one that throws is undone and retried until it succeeds, and the request is not sent again',
    },
  ),
  mutant('two processes run the same handler at once', 'takeDueHandling', ['1 FOR NO KEY UPDATE SKIP LOCKED', '1'], {
    file: 'test/handlers/handlers.slow.test.ts',
    test: 'of many processes one handles each request',
  }),
  mutant('slow handlers of one channel take all slots', 'PER_CHANNEL', ['PER_CHANNEL = 2', 'PER_CHANNEL = 6'], {
    file: 'test/handlers/handlers.slow.test.ts',
    test: "slow handlers of one channel hold up neither that channel's requests nor another's handlers",
  }),
  mutant('slow handlers of three channels take all slots', 'RESERVED', ['RESERVED = 2', 'RESERVED = 0'], {
    file: 'test/handlers/handlers.slow.test.ts',
    test: 'slow handlers of three channels leave those of a fourth the slots that they need',
  }),
  mutant(
    'what is cancelled is not handled',
    'cancelPending',
    ['(SELECT statement_timestamp() FROM requeuest_handler WHERE channel = request.channel)', 'NULL'],
    {
      file: 'test/handlers/handlers.slow.test.ts',
      test: 'what becomes final without being sent, or in a process that has no handler, is handled as well',
    },
  ),
]
