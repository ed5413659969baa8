import { type Mutant, mutant } from '../mutant.ts'

const PLANS = 'test/store/inspect-plans.slow.test.ts'
const costs = (what: string) => ({
  file: PLANS,
  test: `${what} costs no more than its limits say, whatever is in the tables: force_custom_plan`,
})

export const INSPECT: Mutant[] = [
  mutant(
    'a list reads as far as it takes',
    'matchRecent',
    [`LIMIT \${window}::int`, `LIMIT 1000 * \${window}::int`],
    costs('a page of a list in which nothing matches'),
  ),
  mutant(
    'each batch of what is changed is sorted out of all that is left',
    'selectMatching',
    ['ORDER BY request.id', 'ORDER BY id'],
    costs('a batch of what is redriven'),
  ),
  mutant('an estimate is told as a count', 'bounded', ['isEstimate: true', 'isEstimate: false'], {
    file: 'test/inspect/channels.test.ts',
    test: 'more than 10 000 requests of a channel are estimated, beside others that are counted',
  }),
  mutant('the dead are counted among the workers', 'isLive', ['SILENT_MS', 'Number.MAX_VALUE'], {
    file: 'test/inspect/channels.test.ts',
    test: 'a channel with due requests that no live worker serves has no workers',
  }),
  mutant('counts that were refused are lost', 'ActivityRecorder', ['this.#tally.add(tally)', 'tally.size'], {
    file: 'test/activity/recorder.test.ts',
    test: 'what is refused is added the next time, once, with what was counted meanwhile',
  }),
  mutant(
    'counts that may have been written are added again',
    'ActivityRecorder',
    ['!isAdding || ', '!isAdding || true || '],
    {
      file: 'test/activity/recorder.test.ts',
      test: 'what may have been written without an answer is not added again',
    },
  ),
  mutant('each worker has rows for names of its own', 'Places', ['>= MOST_NAMES', '>= 1000 * MOST_NAMES'], {
    file: 'test/activity/recorder.test.ts',
    test: 'however many origins there are, the workers of a database write rows of 50 of them in half an hour',
  }),
  mutant('a dead worker is never forgotten', 'renewWorker', ["interval '1 second'", "interval '1 year'"], {
    file: 'test/maintenance/registration.test.ts',
    test: 'a worker that has not been seen for 45 seconds counts as dead, and is forgotten after two minutes',
  }),
  mutant(
    'what a request waited before it was claimed is not told',
    'reportSettlement',
    ['claim.dueAtMs', 'claim.claimedAtMs'],
    {
      file: 'test/claim/worker.test.ts',
      test: 'an attempt tells when sending began and how long it had waited, a delivery how old it is',
    },
  ),
]
