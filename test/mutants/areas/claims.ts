import { type Mutant, mutant } from '../mutant.ts'

export const CLAIMS: Mutant[] = [
  mutant(
    'a claim locks no row: two workers take the same',
    'claimRequests',
    [') FOR UPDATE SKIP LOCKED) AS probe LIMIT', ')) AS probe LIMIT'],
    { file: 'test/store/claims.test.ts', test: 'gives no request to two claims that run at once' },
  ),
  mutant(
    'a claim does not count its attempt',
    'claimRequests',
    ['least(request.attempt_count, 2147483646) + 1', 'request.attempt_count'],
    { file: 'test/store/claims.test.ts', test: 'stamps what it claims before anything is sent' },
  ),
  mutant(
    'a lease ends before the deadline of its request does',
    'claimRequests',
    [`(least(greatest(request.timeout_ms, 0), 86400000) + \${graceMs}::int)`, `\${graceMs}::int`],
    { file: 'test/store/claims.test.ts', test: 'stamps what it claims before anything is sent' },
  ),
  mutant(
    "a lease is told by the worker's clock",
    'claimRequests',
    ['statement_timestamp() +', `to_timestamp(\${Date.now()}::float8 / 1000) +`],
    { file: 'test/store/claims.test.ts', test: 'keeps time by the clock of the database alone' },
  ),
  mutant(
    'no fence: a claim that was lost is given back, which takes it from its new holder',
    'releaseClaims',
    ['attempt_count = claim.number AND request.', ''],
    { file: 'test/store/claims.test.ts', test: 'does not give back what another worker has claimed since' },
  ),
  mutant(
    'a claim that is given back costs an attempt',
    'releaseClaims',
    [', attempt_count = request.attempt_count - 1,', ','],
    { file: 'test/store/claims.test.ts', test: 'gives back what was not sent, with the attempt unspent' },
  ),
  mutant(
    'concurrencyPerOrigin is ignored',
    'claimRequests',
    [
      `ranked.row_number <= coalesce(known.room, (SELECT \${limitPerOrigin}::int))`,
      `coalesce(known.room, (SELECT \${limitPerOrigin}::int)) > 0`,
    ],
    {
      file: 'test/store/claims.test.ts',
      test: 'gives each origin no more than its room, and looks only into the lanes that it is given',
    },
  ),
]
