import { type Mutant, mutant } from '../mutant.ts'

export const SPAWNS: Mutant[] = [
  mutant(
    'a spawn is written outside of its transaction',
    'insert',
    ['(into) => write(into, rows)', '() => write(db, rows)'],
    {
      file: 'test/spawn/transactions.test.ts',
      test: 'a spawn in a transaction is never there when that is rolled back, and neither is its line',
    },
  ),
  mutant(
    'a repeated spawn revives a request that is final',
    'insertRequest',
    ['DO NOTHING', "(id) DO UPDATE SET state = 'pending'"],
    {
      file: 'test/spawn/transactions.test.ts',
      test: 'a spawn with an id is not brought back to life when it is final',
    },
  ),
  mutant(
    'a batch with ids of the caller is written as if nobody else could have them',
    'spawnMany',
    ['areIdsNew &&', 'rows.length > 0 &&'],
    {
      file: 'test/spawn/spawn-many.test.ts',
      test: 'a batch of which some have ids of their own can be spawned again, and leaves those as they are: by itself',
    },
  ),
  mutant('a batch takes the locks of its lines in any order', 'carefully', ['ORDER BY order_key, position ON', 'ON'], {
    file: 'test/spawn/spawn-many.test.ts',
    test: 'a batch takes the locks of its lines in the same order as any other',
  }),
  mutant('what is being sent is cancelled', 'cancelPending', ["= 'pending'", "IN ('pending', 'claimed')"], {
    file: 'test/claim/worker.test.ts',
    test: 'clear cancels what waits and lets go on what is being sent',
  }),
  mutant(
    'a pause does not hold for what is handed over as it is spawned',
    'insertRequest',
    ['WHEN NOT', 'WHEN true OR NOT'],
    { file: 'test/spawn/eager.test.ts', test: 'a pause of the channel holds from its commit on' },
  ),
  mutant(
    'what a lost insert has claimed is not given back',
    'insertReserved',
    ['reservation.cancel() throw', 'throw'],
    {
      file: 'test/spawn/eager.test.ts',
      test: 'when an insert is unanswered nothing is lost',
    },
  ),
  mutant(
    'what stands below a floor is never looked for again',
    'LowWatermarks.claimed',
    ['isKnown && nowMs >= this.#fromBeginningAtMs', 'false'],
    {
      file: 'test/claim/low-watermarks.test.ts',
      test: 'while dead rows cannot go claims begin behind them, what comes before is found, and watermarks go when they have gone',
    },
  ),
  mutant(
    'a refusal to tell other processes refuses the spawn',
    'InsertBatcher.#write',
    ['(batch.length > 1 || tells)', 'batch.length > 1'],
    {
      file: 'test/spawn/telling.test.ts',
      test: 'what cannot be told of is spawned all the same, once, and said',
    },
  ),
  mutant('other processes are told of what is not committed yet', 'Context.spawned', ['tx === undefined && !', '!'], {
    file: 'test/spawn/telling.test.ts',
    test: 'a transaction of the caller tells nobody',
  }),
  mutant(
    'a spawn resolves before other processes are told of it',
    'Notifier.spawned',
    ['return this.#batcher.add(channel)', 'return void this.#batcher.add(channel) as never'],
    {
      file: 'test/spawn/telling.test.ts',
      test: 'when a call resolves, others have been told: who disconnects then is not connected again (many in one call)',
    },
  ),
  mutant(
    'the extension spawns outside of the transaction',
    'within',
    ["return kind === 'transaction' ?", 'return kind === null ?'],
    {
      file: 'test/spawn/extension.test.ts',
      test: 'the extension twice, among others never leaves a transaction that rolls back',
    },
  ),
  mutant(
    'the extension spawns before it is known whether it may',
    'LazyPromise',
    ['this.#begin = begin', 'this.#begin = begin\n    void this.#work()'],
    {
      file: 'test/spawn/extension.test.ts',
      test: 'the extension alone is refused among the statements of an array, before anything has begun',
    },
  ),
  mutant(
    'what all have of a backoff is lost to one that has some of its own',
    'mergeRetry',
    [
      'const backoff = mergeTerms(withoutReplaced(common?.backoff, own?.backoff), own?.backoff)',
      'const backoff = own?.backoff',
    ],
    {
      file: 'test/spawn/spawn-many.test.ts',
      test: 'each request has its own options, and those of all where it has none',
    },
  ),
]
