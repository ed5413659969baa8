import { type Mutant, mutant, unguarded } from '../mutant.ts'

export const RESCUES: Mutant[] = [
  unguarded(
    'the rescue takes claims whose lease still runs',
    [
      ['findExpiredClaims', "'claimed' AND lease_until < statement_timestamp()", "'claimed'"],
      ['rescueExpiredClaims', 'lease_until < statement_timestamp()', 'true'],
    ],
    {
      file: 'test/maintenance/maintenance.test.ts',
      test: 'a request whose worker died is due again, and the attempt is told as abandoned',
    },
  ),
  mutant('the rescue leaves no trace of the attempt', 'rescueExpiredClaims', ['rescued.id = expired.id', 'false'], {
    file: 'test/maintenance/maintenance.test.ts',
    test: 'a request whose worker died is due again, and the attempt is told as abandoned',
  }),
  mutant(
    'a request may take down any number of workers',
    'rescueExpiredClaims',
    [`>= \${maxExpiries}::int - 1`, `< 0 * \${maxExpiries}::int`],
    {
      file: 'test/maintenance/maintenance.test.ts',
      test: 'a request that five workers did not survive is failed as poison',
    },
  ),
  unguarded(
    'what is being sent expires',
    [
      ['findExpiredRequests', "= 'pending'", "IN ('pending', 'claimed')"],
      ['failExpiredRequests', "= 'pending'", "IN ('pending', 'claimed')"],
    ],
    { file: 'test/maintenance/maintenance.test.ts', test: 'a request that is being sent does not expire' },
  ),
  mutant(
    'what a long transaction leaves behind the last look is never found',
    'Look.once',
    ['fromMs >= this.#fromBeginningAtMs', 'this.#sinceMs === 0'],
    {
      file: 'test/maintenance/look.test.ts',
      test: 'what a long transaction leaves behind the last look is found when it looks from the beginning again',
    },
  ),
]
