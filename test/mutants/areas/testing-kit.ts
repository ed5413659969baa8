import { type Mutant, mutant } from '../mutant.ts'

/** What the tests of users rely on. */
export const TESTING_KIT: Mutant[] = [
  mutant('a claim keeps its lease while time passes', 'shiftRequests', ['lease_until - shift.by', 'lease_until'], {
    file: 'test/testing/advance.test.ts',
    test: 'an hour that passes moves every time of requests, attempts, lines and limits back by an hour',
  }),
  mutant(
    'a schedule spawns no second request for a second day',
    'Calendar.advance',
    ['this.#aheadOf(name) + ms', 'ms'],
    {
      file: 'test/testing/advance.test.ts',
      test: 'a schedule fires for the times that pass, each of which is one of the calendar',
    },
  ),
  mutant(
    'what became due while a drain ended is not seen',
    'findNextTime',
    ['at > to_timestamp', 'at > statement_timestamp() AND at > to_timestamp'],
    {
      file: 'test/testing/one.test.ts',
      test: 'a request is settled also by retries that are due before anybody has looked',
    },
  ),
  mutant('final requests count as spawned', 'findSpawned', ['state: { in: LIVE }', 'state: { in: STATES }'], {
    file: 'test/testing/expect-spawned.test.ts',
    test: 'an expectation of spawned requests takes final requests for none, unless they are asked for',
  }),
  mutant('any database is one for tests', 'checkIsForTests', ['saysForTests(name)', 'true'], {
    file: 'test/testing/databases.test.ts',
    test: 'nothing is changed in a database that may not be one for tests, unless it is named',
  }),
  mutant('an attempt is made of whatever is due first', 'attempt', ['[postponeOthers(db, channel, id)]', '[]'], {
    file: 'test/testing/one.test.ts',
    test: 'an attempt is made of one request alone, also of one that is not due yet',
  }),
  mutant('a failed request passes unnoticed', 'drain', ['if (terms.throws)', 'if (!terms)'], {
    file: 'test/testing/drain.test.ts',
    test: 'a drain in which a request fails says which and why, unless it is meant to',
  }),
]
