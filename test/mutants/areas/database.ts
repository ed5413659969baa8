import { MIGRATIONS } from '../declarations.ts'
import { type Mutant, mutant } from '../mutant.ts'

const OVERLAPPING_TEST = 'test/model/overlapping.test.ts'
const SCHEMAS = 'where Prisma has the models in another schema than the session looks in'

/** Of the session and its transactions: where the tables are, and how statements are run. */
export const DATABASE: Mutant[] = [
  mutant('a statement goes where the search_path leads', 'qualifier', [`\`\${prefix}$&\``, "'$&'"], {
    file: 'test/store/database.slow.test.ts',
    test: `${SCHEMAS} a transaction that is the first to be used finds them as well`,
  }),
  mutant(
    'an option that names another schema than that of the models is believed',
    'findHome',
    ['if (told !== undefined && used !== undefined && used !== told) throw mismatch(told, used as string)', ''],
    {
      file: 'test/store/database.slow.test.ts',
      test: `${SCHEMAS} an option that names another one is refused by all calls: shop`,
    },
  ),
  mutant(
    'transactions are as isolated as the session has it',
    'READ_COMMITTED',
    ["{ isolationLevel: 'ReadCommitted' }", '{}'],
    {
      file: 'test/store/database.slow.test.ts',
      test: 'statements are read committed, whatever is the default of the session',
    },
  ),
  mutant(
    'a trigger writes where the search_path leads',
    MIGRATIONS,
    ["EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, %I, pg_temp', own, current_schema())", 'NULL'],
    {
      file: 'test/store/database.slow.test.ts',
      test: 'a restore that runs without a search_path writes lines and checks rows',
      saying: 'does not exist',
    },
  ),
  mutant(
    'calls in one transaction run through each other',
    'inTransactionOfCaller',
    ['(turns.get(tx) ?? Promise.resolve())', 'Promise.resolve()'],
    { file: OVERLAPPING_TEST, test: 'calls that overlap in one transaction each have the settings that they need' },
  ),
  mutant(
    'what is refused for one key in a transaction leaves the rest of its call behind',
    'writeAll',
    ['own.length > 0', 'own.length > rows.length'],
    {
      file: OVERLAPPING_TEST,
      test: 'of calls that overlap in one transaction each is there as it was promised, and nothing undoes what came in between',
      saying: 'Property failed',
    },
  ),
]
