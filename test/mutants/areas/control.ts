import { INIT, type Mutant, mutant } from '../mutant.ts'

const CONTROL_TEST = 'test/control/cancel.test.ts'
const REDRIVE_TEST = 'test/control/redrive.test.ts'
const DEDUPE_TEST = 'test/spawn/dedupe.test.ts'

export const CONTROL: Mutant[] = [
  mutant(
    'what is claimed is not cancelled',
    'src/control/cancel.ts',
    ["resolveFilter(which, ['pending', 'claimed'])", "resolveFilter(which, ['pending'])"],
    {
      file: CONTROL_TEST,
      test: 'of what is being sent no other try follows, and how it ended is recorded: refused',
    },
  ),
  mutant(
    'a cancelled try has no row until its worker reports',
    'src/store/control.ts',
    ['FROM cancelled WHERE in_flight', 'FROM cancelled WHERE false'],
    { file: CONTROL_TEST, test: 'what a worker has claimed and not begun when it is stopped stays cancelled' },
  ),
  mutant(
    'a cancel passes over what is locked',
    'src/store/control.ts',
    ['ORDER BY id FOR NO KEY UPDATE))', 'ORDER BY id FOR NO KEY UPDATE SKIP LOCKED))'],
    { file: CONTROL_TEST, test: 'takes all pages, and what is locked is waited for' },
  ),
  mutant(
    'the whole client passes for a transaction',
    'src/spawn/transaction.ts',
    ['if (connect !== undefined)', 'if (connect === null)'],
    {
      file: 'test/spawn/bad-input.test.ts',
      test: 'cancel with the whole client as tx is refused before anything is written',
    },
  ),
  mutant(
    'what went missing from a filter means everything',
    'src/control/filter.ts',
    ['if (given !== undefined) continue', 'continue'],
    { file: 'test/control/filter.test.ts', test: 'is refused: one of two without a value' },
  ),
  mutant(
    'a retarget brings back the body that it has read',
    'src/store/control.ts',
    [`AND (\${content === null}::boolean OR (`, `AND (\${true}::boolean OR \${content === null}::boolean OR (`],
    {
      file: 'test/control/change.test.ts',
      test: 'retarget does not bring back a body that is replaced at the same moment',
    },
  ),
  mutant(
    'what is still being sent is redriven',
    'src/store/redrives.ts',
    ['AND (lease_until IS NULL OR lease_until <= statement_timestamp())', ''],
    { file: REDRIVE_TEST, test: 'leaves what was cancelled while it was being sent until that is over' },
  ),
  mutant(
    'a redrive turns a line around',
    'src/store/redrives.ts',
    ['ORDER BY order_key, channel, order_seq, id FOR', 'ORDER BY id DESC FOR'],
    { file: REDRIVE_TEST, test: 'in a line goes to the end, in the order of the old places' },
  ),
  mutant(
    'a redriven request leaves its place in a line that stands still behind it',
    INIT,
    [`IF holder = NEW."id" THEN`, 'IF false THEN'],
    {
      file: REDRIVE_TEST,
      test: 'in a line goes on from its place when it holds the line still, and may hold it again',
    },
  ),
  mutant(
    'a redriven request forgets that it had the next one to unblock',
    INIT,
    [`AND holder IS NULL AND OLD."unblock_due" THEN`, 'AND false THEN'],
    {
      file: REDRIVE_TEST,
      test: 'in a line keeps its place when the next one was not unblocked yet, and the line goes on',
    },
  ),
  mutant(
    'a redriven request waits as long as it did in the end',
    'src/core/outcome.ts',
    ['waitMs(retry, number - attemptsBefore, delivery', 'waitMs(retry, attemptsBefore * 0 + number, delivery'],
    { file: REDRIVE_TEST, test: 'waits begin anew' },
  ),
  mutant('a key is not unique', INIT, ['CREATE UNIQUE INDEX', 'CREATE INDEX'], {
    file: DEDUPE_TEST,
    test: 'in a transaction the second of two waits for the first, and then does keep; it commits: true',
  }),
  mutant(
    'a spawn that was overtaken fails instead of looking again',
    'src/spawn/dedupe.ts',
    ['const ROUNDS = 20', 'const ROUNDS = 1'],
    { file: DEDUPE_TEST, test: 'replace does not rewrite one that a worker tries at the same moment: retrying' },
  ),
  mutant(
    'what a worker has taken is rewritten',
    'src/spawn/dedupe.ts',
    ["how === 'replace' && untried.get(holder.id)", "how === 'replace'"],
    { file: DEDUPE_TEST, test: 'replace does not rewrite one that a worker takes between the look at it and its lock' },
  ),
  mutant(
    'a key that is taken aborts the transaction of the caller',
    'src/store/requests.ts',
    ['ON CONFLICT DO NOTHING\n    RETURNING', 'ON CONFLICT (id) DO NOTHING\n    RETURNING'],
    {
      file: DEDUPE_TEST,
      test: 'in a transaction the second of two waits for the first, and then does keep; it commits: true',
    },
  ),
]
