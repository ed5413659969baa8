import { MIGRATIONS } from '../declarations.ts'
import { type Mutant, mutant } from '../mutant.ts'

/** What rows hold that were edited, and what receivers say that cannot be kept. */
export const ODD_VALUES: Mutant[] = [
  mutant(
    'an attempt that cannot be stored is written as it is, again and again',
    'Settler.#writeReduced',
    ['(settlement.delivery)', '(settlement.delivery) && null'],
    {
      file: 'test/settle/unstorable.test.ts',
      test: 'in a database whose encoding lacks most letters what cannot be stored of one attempt holds up no other: LATIN1',
    },
  ),
  mutant(
    'attempts of which one cannot be stored are written together, again and again',
    'Settler.#write',
    ['return this.#writeApart(group, error)', 'throw error'],
    {
      file: 'test/settle/unstorable.test.ts',
      test: 'a request that a trigger of the user does not let end is retried, and holds up no other',
    },
  ),
  mutant(
    'a row that the database refuses to change holds up the others of its statement',
    'Apart.#try',
    ['length === 1', 'length > 0'],
    {
      file: 'test/maintenance/apart.test.ts',
      test: 'one row that the database refuses to have changed does not hold up the rescue of others, and is left alone for a while',
    },
  ),
  mutant(
    'the age of a claim is cast to what holds 24.8 days',
    'rescueExpiredClaims',
    [
      'least(greatest(extract(epoch FROM statement_timestamp()) - extract(epoch FROM claimed_at), 0) * 1000, 2147483647)',
      '(extract(epoch FROM statement_timestamp() - claimed_at) * 1000)',
    ],
    {
      file: 'test/maintenance/apart.test.ts',
      test: 'a claim that began long ago is rescued, cancelled and superseded: 24.9 days ago',
      saying: 'integer out of range',
    },
  ),
  mutant(
    'a count that is full ends the rescue of others',
    'rescueExpiredClaims',
    ['least(request.lease_expiries, 32766)', 'request.lease_expiries'],
    {
      file: 'test/maintenance/apart.test.ts',
      test: 'counts as large as their columns do not end a rescue',
      saying: 'smallint out of range',
    },
  ),
  mutant(
    'an origin that the row does not name in its one form is counted as another',
    'strayOf',
    ['{ ...claim, origin }', ''],
    {
      file: 'test/limits/spellings.test.ts',
      test: 'a pause, a limit and a breaker hold for rows of one’s own, however their URL is spelled',
    },
  ),
  mutant(
    'the origin of a row is believed when its URL is edited',
    MIGRATIONS,
    ['AND NOT starts_with(NEW."url", NEW."origin")', 'AND false'],
    {
      file: 'test/store/claims.test.ts',
      test: 'the origin of a hand-made row is not kept where the URL was changed in a copy, or later',
    },
  ),
  mutant(
    'who stood behind a request that is moved to another line waits for ever',
    MIGRATIONS,
    ['AND OLD."order_key" IS NOT NULL', 'AND false'],
    {
      file: 'test/claim/edited-lines.test.ts',
      test: 'a request of a line that is edited by hand lets the next one go when it is the head and goes to another line',
    },
  ),
  mutant(
    'ciphertext whose key was taken away is read as content',
    'seemsSealed',
    ['isSealed(body)', 'isSealed(body) && false'],
    {
      file: 'test/encryption/encryption.test.ts',
      test: 'a row whose encryption_key was emptied by hand is neither sent nor shown as if it were plain',
    },
  ),
  mutant(
    'a row that can have no renderer waits for one',
    'problemOfRendererUrl',
    ['NAME.test(name)', 'name !== null'],
    {
      file: 'test/claim/closed-origins.test.ts',
      test: "a row of one's own with render://Hook names no renderer: it fails, and the right one goes on",
    },
  ),
  mutant('what refuses to be looked at ends the process', 'peek', ['catch { return undefined', 'finally {'], {
    file: 'test/errors.test.ts',
    test: 'whatever an error has for a message, a name, a code, a cause and errors, it can be told',
    saying: 'Property failed',
  }),
  mutant('a leap second is no time', 'TIME', ['5]\\\\d|60', '5]\\\\d'], {
    file: 'test/policy/retry-after.test.ts',
    test: 'Retry-After may be a date in a leap second, in any time zone',
  }),
  mutant(
    'a body that is no UTF-8 fails the claim of all',
    'requeuest_body_text',
    ['character_not_in_repertoire', 'division_by_zero'],
    {
      file: 'test/store/body-text.test.ts',
      test: 'in a database in UTF8 bodies of rows that are no text are sent and answered byte for byte, and hold up no other',
    },
  ),
  mutant(
    'a body is passed in the encoding of the database, whatever that has',
    'requeuest_body_text',
    ["getdatabaseencoding() = 'UTF8'", 'true'],
    {
      file: 'test/store/body-text.test.ts',
      test: 'in a database in EUC_JP bytes of any kind come out as they went in',
    },
  ),
  mutant(
    'a backoff of a status is refused for what its row says besides',
    'resolveBackoff',
    [
      `max === undefined ? base.maxMs : checkDuration(\`\${field}.max\`, max,`,
      `checkDuration(\`\${field}.max\`, max ?? base.maxMs,`,
    ],
    {
      file: 'test/policy/outcome.test.ts',
      test: 'after an attempt a backoff of a status goes with a row that waits for longer than an option can say',
    },
  ),
  mutant(
    'a duration comes out of floating point',
    'parseDuration',
    [
      'const scaled = BigInt(whole + fraction) * BigInt(UNIT_MS[unit] as number)',
      `if (fraction) return (Number(\`\${whole}.\${fraction}\`) * Number(UNIT_MS[unit])) || null\n  const scaled = BigInt(whole + fraction) * BigInt(UNIT_MS[unit] as number)`,
    ],
    { file: 'test/check/duration.test.ts', test: '"1.005s" is 1005' },
  ),
]
