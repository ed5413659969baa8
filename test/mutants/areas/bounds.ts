import { type Mutant, mutant } from '../mutant.ts'

/** What no receiver, tenant or row may take all of. */
export const BOUNDS: Mutant[] = [
  mutant(
    'names that take long are asked of the system all at once',
    'SystemLookup.#next',
    ['#running === 0', '#running >= 0'],
    { file: 'test/net/guard/resolve.test.ts', test: 'the system is asked for one name at a time' },
  ),
  mutant(
    'receivers that never answer take all slots',
    'Origins.constructor',
    ['Math.max(limit, slots - Math.floor(slots / KEPT_PART))', 'slots + KEPT_PART'],
    {
      file: 'test/limits/origins.test.ts',
      test: 'origins that have not answered may not take every slot together, however many they are',
    },
  ),
  mutant(
    'receivers are never forgotten',
    'forgetOnce',
    ['() => deleteOldOrigins(db, BATCH)', 'async () => 0 * BATCH'],
    {
      file: 'test/maintenance/forget.test.ts',
      test: 'rows of receivers of which there is nothing more to say are deleted, and no others',
    },
  ),
  mutant(
    'what is locked of one receiver keeps others from being told of',
    'BreakerNews.#writeAll',
    ['isOver || this', 'isOver) return; if (this'],
    {
      file: 'test/limits/maintenance.test.ts',
      test: 'what somebody has locked of a receiver holds up neither other receivers nor what is written of them',
    },
  ),
]
