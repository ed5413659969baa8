import { type Mutant, mutant, unguarded } from '../mutant.ts'

export const SCHEDULES: Mutant[] = [
  unguarded(
    'no fence: a schedule that was changed meanwhile is fired as it was',
    [
      ['fireSchedule', `xmin::text = \${version} AND set_config`, 'set_config'],
      ['selectTerms', `xmin::text = \${version}`, `\${version}::text <> ''`],
    ],
    {
      file: 'test/schedules/firing.test.ts',
      test: 'a schedule that was changed since it was read is not fired as it was',
    },
  ),
  mutant(
    'a time of a schedule has another id each time',
    'requestIdOf',
    [`\${name}\``, `\${name} \${Math.random()}\``],
    {
      file: 'test/schedules/firing.test.ts',
      test: 'a time that was fired before, and is planned again, spawns nothing',
    },
  ),
  mutant('a schedule that cannot fire says so again and again', 'markScheduleProblem', [`\${problem}`, 'NULL'], {
    file: 'test/schedules/firing.test.ts',
    test: 'a row that cannot fire stops no other, says why, tells it once, and fires when it is mended',
  }),
  mutant(
    'what was missed fires, although it shall be skipped',
    'dueTimes',
    ['- latest > MISSED_AFTER_MS', '< latest'],
    {
      file: 'test/schedules/firing.test.ts',
      test: 'a schedule after a time without a worker: skip: a day that is over',
    },
  ),
  mutant(
    'a schedule that is written again forgets what it has missed',
    'upsertSchedule',
    ['THEN schedule', 'THEN excluded'],
    {
      file: 'test/schedules/facade.test.ts',
      test: 'an application that writes it again at its start loses no time that is yet to be caught up with',
    },
  ),
  mutant(
    'a schedule that is edited by hand keeps its old next time',
    'requeuest_reset_next_run',
    ['NEW."next_run_at" := NULL', 'NULL'],
    {
      file: 'test/schedules/firing.test.ts',
      test: 'a schedule that is edited by hand: another expression or zone is planned anew',
    },
  ),
  mutant('schedules are not looked for before the next known time', 'findMaintenance', ['NULL) OR', 'NULL) AND'], {
    file: 'test/schedules/facade.test.ts',
    test: 'a row that is written elsewhere is found, however far away the next known time is',
  }),
  mutant(
    'a fixed time that the clock repeats fires twice',
    'Cron.next',
    ['(this.#fixed ? next.before : next.after)', 'next.after'],
    {
      file: 'test/cron/cron.test.ts',
      test: 'a schedule where the clocks are changed: a fixed time that is repeated fires the first time',
    },
  ),
  mutant('a fixed time that the clock has repeated just now fires again', 'Cron.next', ['&& this.', '&& !this.'], {
    file: 'test/cron/cron.test.ts',
    test: 'a schedule where the clocks are changed: also when that was just now',
  }),
  mutant(
    'days of month and of week are combined as cron-parser does',
    'readTimes',
    ['!isStar(fields[3]) && !isStar(fields[5])', "fields[3] !== '*' && fields[5] !== '*'"],
    { file: 'test/cron/cron.test.ts', test: 'an expression 0 0 */2 * 5' },
  ),
]
