import { type Mutant, mutant } from '../mutant.ts'

export const SETTLEMENTS: Mutant[] = [
  mutant(
    'no fence: a try that lost its claim settles the request',
    'src/store/settlements.ts',
    ["(request.state = 'claimed' AND request.attempt_count = result.number)", "(request.state = 'claimed')"],
    {
      file: 'test/store/settlements.test.ts',
      test: 'a try that lost its claim changes nothing when it failed, but its attempt is told truly',
    },
  ),
  mutant(
    'a late success is ignored',
    'src/store/settlements.ts',
    ["\n          OR (request.state IN ('pending', 'claimed') AND result.state = 'delivered')", ''],
    {
      file: 'test/store/settlements.test.ts',
      test: 'a try that lost its claim delivers the request when it succeeded late, even while another worker has it',
    },
  ),
  mutant(
    'what really happened does not replace an abandoned try',
    'src/store/settlements.ts',
    ["WHERE attempt.outcome = 'abandoned'", 'WHERE false'],
    {
      file: 'test/store/settlements.test.ts',
      test: 'a try that lost its claim changes nothing when it failed, but its attempt is told truly',
    },
  ),
  mutant(
    'a try under way leaves no row when an earlier one delivers',
    'src/store/settlements.ts',
    ['FROM settled WHERE claimed_by IS NOT NULL', 'FROM settled WHERE false'],
    {
      file: 'test/store/settlements.test.ts',
      test: 'a try that lost its claim leaves a row for the try of the other worker, which may never report',
    },
  ),
  mutant(
    'a settlement waits for a row that somebody has locked',
    'src/store/settlements.ts',
    ['FOR NO KEY UPDATE SKIP LOCKED', 'FOR NO KEY UPDATE'],
    {
      file: 'test/store/settlements.test.ts',
      test: 'passes over a row that an open transaction has locked, and writes the others',
    },
  ),
  mutant(
    'a repeated settlement is reported as lost',
    'src/store/settlements.ts',
    ['AND number = found.number) IS NOT TRUE', 'AND number = found.number) IS NOT FALSE'],
    { file: 'test/store/settlements.test.ts', test: 'a settlement whose answer was lost can be repeated' },
  ),
  mutant(
    'no fence: a try that lost its claim settles the request as accepted',
    'src/store/accepted.ts',
    ["request.state = 'claimed' AND request.attempt_count = result.number", "request.state = 'claimed'"],
    {
      file: 'test/store/settlements.test.ts',
      test: 'a try that lost its claim leaves a row for the try of the other worker, which may never report',
    },
  ),
  mutant(
    'what could not be settled with the accepted ones counts as settled',
    'src/worker/settle-group.ts',
    ['for (const { id } of rows) done.delete(id)', ''],
    {
      file: 'test/store/settlements.test.ts',
      test: 'passes over a row that an open transaction has locked, and writes the others',
    },
  ),
]
