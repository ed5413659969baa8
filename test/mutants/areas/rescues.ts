import { type Mutant, mutant, unguarded } from '../mutant.ts'

export const RESCUES: Mutant[] = [
  unguarded(
    'the rescue takes claims whose lease still runs',
    [
      ['src/store/rescues.ts', "state = 'claimed' AND lease_until < statement_timestamp()", "state = 'claimed'"],
      ['src/store/rescues.ts', 'AND (lease_until < statement_timestamp() OR', 'AND (true OR'],
    ],
    {
      file: 'test/maintenance/maintenance.test.ts',
      test: 'a request whose worker died is due again, and the try is told as abandoned',
    },
  ),
  mutant(
    'the rescue leaves no trace of the try',
    'src/store/rescues.ts',
    ['FROM expired JOIN rescued ON rescued.id = expired.id\n', 'FROM expired JOIN rescued ON false\n'],
    {
      file: 'test/maintenance/maintenance.test.ts',
      test: 'a request whose worker died is due again, and the try is told as abandoned',
    },
  ),
  mutant(
    'a request may take down any number of workers',
    'src/store/rescues.ts',
    [`lease_expiries >= \${maxExpiries}::int - 1`, `lease_expiries < 0 * \${maxExpiries}::int`],
    {
      file: 'test/maintenance/maintenance.test.ts',
      test: 'a request that five workers did not survive is failed as poison',
    },
  ),
  unguarded(
    'what is being sent expires',
    [
      [
        'src/store/rescues.ts',
        "state = 'pending' AND expires_at IS NOT NULL",
        "state IN ('pending', 'claimed') AND expires_at IS NOT NULL",
      ],
      [
        'src/store/rescues.ts',
        "state = 'pending' AND expires_at <= statement_timestamp()",
        "state IN ('pending', 'claimed') AND expires_at <= statement_timestamp()",
      ],
    ],
    { file: 'test/maintenance/maintenance.test.ts', test: 'a request that is being sent does not expire' },
  ),
  mutant(
    'what a long transaction leaves behind the last look is never found',
    'src/maintenance/look.ts',
    ['fromMs >= this.#fromBeginningAtMs', 'this.#sinceMs === 0'],
    {
      file: 'test/maintenance/look.test.ts',
      test: 'what a long transaction leaves behind the last look is found when it looks from the beginning again',
    },
  ),
]
