import { type Mutant, mutant } from '../mutant.ts'

const CONTROL_TEST = 'test/control/cancel.test.ts'
const REDRIVE_TEST = 'test/control/redrive.test.ts'
const DEDUPE_TEST = 'test/spawn/dedupe.test.ts'

export const CONTROL: Mutant[] = [
  mutant('what is claimed is not cancelled', 'cancel', [", 'claimed'", ''], {
    file: CONTROL_TEST,
    test: 'of what is being sent no other attempt follows, and how it ended is recorded: refused',
  }),
  mutant(
    'a cancelled attempt has no row until its worker reports',
    'cancelRequests',
    ['WHERE in_flight', 'WHERE false'],
    {
      file: CONTROL_TEST,
      test: 'what a worker has claimed and not begun when it is stopped stays cancelled',
    },
  ),
  mutant('a cancel passes over what is locked', 'cancelRequests', ['KEY UPDATE', 'KEY UPDATE SKIP LOCKED'], {
    file: CONTROL_TEST,
    test: 'takes all pages, and what is locked is waited for',
  }),
  mutant('the whole client passes for a transaction', 'checkTransaction', ["kind === 'whole'", 'false'], {
    file: 'test/spawn/bad-input.test.ts',
    test: 'cancel with the whole client as tx is refused before anything is written',
  }),
  mutant(
    'what went missing from a filter means everything',
    'checkConditions',
    ['if (given !== undefined) continue', 'continue'],
    { file: 'test/control/filter.test.ts', test: 'is refused: one of two without a value' },
  ),
  mutant(
    'a retarget brings back the body that it has read',
    'retargetRequest',
    [`\${content === null}::boolean OR`, `\${true}::boolean OR \${content === null}::boolean OR`],
    {
      file: 'test/control/change.test.ts',
      test: 'retarget does not bring back a body that is replaced at the same moment',
    },
  ),
  mutant(
    'what is still being sent is redriven',
    'redriveRequests',
    ['AND (lease_until IS NULL OR lease_until <= statement_timestamp())', ''],
    { file: REDRIVE_TEST, test: 'leaves what was cancelled while it was being sent until that is over' },
  ),
  mutant('a redrive turns a line around', 'redriveRequests', ['order_key, channel, order_seq, id', 'id DESC'], {
    file: REDRIVE_TEST,
    test: 'a redriven request of a line goes to the end, in the order of the old places',
  }),
  mutant(
    'a redriven request leaves its place in a line that stands still behind it',
    'requeuest_rejoin_line',
    ['holder = NEW."id"', 'false'],
    {
      file: REDRIVE_TEST,
      test: 'a redriven request of a line goes on from its place when it holds the line still, and may hold it again',
    },
  ),
  mutant(
    'a redriven request forgets that it had the next one to unblock',
    'requeuest_rejoin_line',
    ['holder IS NULL AND OLD."unblock_due"', 'false'],
    {
      file: REDRIVE_TEST,
      test: 'a redriven request of a line keeps its place when the next one was not unblocked yet, and the line goes on',
    },
  ),
  mutant(
    'a redriven request waits as long as it did in the end',
    'goOn',
    ['number - attemptsBefore', 'attemptsBefore * 0 + number'],
    { file: REDRIVE_TEST, test: 'waits begin anew' },
  ),
  mutant('a key is not unique', 'requeuest_request_dedupe_idx', ['UNIQUE INDEX', 'INDEX'], {
    file: DEDUPE_TEST,
    test: 'a dedupe key in a transaction: the second of two waits for the first, and then does keep; it commits: true',
  }),
  mutant('a spawn that was overtaken fails instead of looking again', 'ROUNDS', ['ROUNDS = 20', 'ROUNDS = 1'], {
    file: DEDUPE_TEST,
    test: 'onDuplicate replace does not rewrite one that a worker tries at the same moment: retrying',
  }),
  mutant('what a worker has taken is rewritten', 'carryOut', ["'replace' && untried.get(holder.id)", "'replace'"], {
    file: DEDUPE_TEST,
    test: 'onDuplicate replace does not rewrite one that a worker takes between the look at it and its lock',
  }),
  mutant(
    'a key that is taken aborts the transaction of the caller',
    'insertRequest',
    ['DO NOTHING', '(id) DO NOTHING'],
    {
      file: DEDUPE_TEST,
      test: 'a dedupe key in a transaction: the second of two waits for the first, and then does keep; it commits: true',
    },
  ),
  mutant(
    'clear is no part of the transaction that it is called in',
    'clear',
    ['inTransactionOfCaller(db, tx, async', 'inTransactionOfCaller(db, undefined, async'],
    { file: 'test/control/clear.test.ts', test: 'clear commits with the business change, and only then' },
  ),
  mutant(
    'a key that went missing releases the line of the whole channel',
    'resolveLine',
    ["!('key' in target) ||", 'target.key === undefined ||'],
    {
      file: 'test/spawn/bad-input.test.ts',
      test: 'a key that went missing, to release is refused before anything is written',
    },
  ),
]
