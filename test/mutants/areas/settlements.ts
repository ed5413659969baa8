import { type Mutant, mutant } from '../mutant.ts'

export const SETTLEMENTS: Mutant[] = [
  mutant(
    'no fence: an attempt that lost its claim settles the request',
    'settleClaims',
    ["'claimed' AND request.attempt_count = result.number", "'claimed'"],
    {
      file: 'test/store/settlements.test.ts',
      test: 'an attempt that lost its claim changes nothing when it failed, but its attempt is told truly',
    },
  ),
  mutant(
    'a late success is ignored',
    'settleClaims',
    ["OR (request.state IN ('pending', 'claimed') AND result.state = 'delivered')", ''],
    {
      file: 'test/store/settlements.test.ts',
      test: 'an attempt that lost its claim delivers the request when it succeeded late, even while another worker has it',
    },
  ),
  mutant(
    'what really happened does not replace an abandoned attempt',
    'settleClaims',
    ["attempt.outcome = 'abandoned'", 'false'],
    {
      file: 'test/store/settlements.test.ts',
      test: 'an attempt that lost its claim changes nothing when it failed, but its attempt is told truly',
    },
  ),
  mutant(
    'an attempt under way leaves no row when an earlier one delivers',
    'settleClaims',
    ['claimed_by IS NOT NULL', 'false'],
    {
      file: 'test/store/settlements.test.ts',
      test: 'an attempt that lost its claim leaves a row for the attempt of the other worker, which may never report',
    },
  ),
  mutant('a settlement waits for a row that somebody has locked', 'settleClaims', ['UPDATE SKIP LOCKED', 'UPDATE'], {
    file: 'test/store/settlements.test.ts',
    test: 'passes over a row that an open transaction has locked, and writes the others',
  }),
  mutant('a repeated settlement is reported as lost', 'settleClaims', [') IS NOT TRUE', ') IS NOT FALSE'], {
    file: 'test/store/settlements.test.ts',
    test: 'a settlement whose answer was lost can be repeated',
  }),
  mutant(
    'no fence: an attempt that lost its claim settles the request as accepted',
    'settleAccepted',
    ["'claimed' AND request.attempt_count = result.number", "'claimed'"],
    {
      file: 'test/store/settlements.test.ts',
      test: 'an attempt that lost its claim leaves a row for the attempt of the other worker, which may never report',
    },
  ),
  mutant(
    'what could not be settled with the accepted ones counts as settled',
    'leftBy',
    ['for (const { id } of rows) done.delete(id)', ''],
    {
      file: 'test/store/settlements.test.ts',
      test: 'passes over a row that an open transaction has locked, and writes the others',
    },
  ),
]
