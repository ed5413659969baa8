import { INIT, type Mutant, mutant, unguarded } from '../mutant.ts'

export const SCHEDULES: Mutant[] = [
  unguarded(
    'no fence: a schedule that was changed meanwhile is fired as it was',
    [
      ['src/store/schedules.ts', `AND xmin::text = \${version}\n          AND set_config`, 'AND set_config'],
      [
        'src/store/schedules.ts',
        `FROM requeuest_schedule WHERE name = \${name} AND xmin::text = \${version}`,
        `FROM requeuest_schedule WHERE name = \${name} AND \${version}::text <> ''`,
      ],
    ],
    {
      file: 'test/schedules/firing.test.ts',
      test: 'a schedule that was changed since it was read is not fired as it was',
    },
  ),
  mutant(
    'a time of a schedule has another id each time',
    'src/core/schedule.ts',
    [`.toISOString()} \${name}\``, `.toISOString()} \${name} \${Math.random()}\``],
    {
      file: 'test/schedules/firing.test.ts',
      test: 'a time that was fired before, and is planned again, spawns nothing',
    },
  ),
  mutant(
    'a schedule that cannot fire says so again and again',
    'src/store/schedules.ts',
    [`SET problem = \${problem}`, 'SET problem = NULL'],
    {
      file: 'test/schedules/firing.test.ts',
      test: 'a row that cannot fire stops no other, says why, tells it once, and fires when it is mended',
    },
  ),
  mutant(
    'what was missed fires, although it shall be skipped',
    'src/core/schedule.ts',
    ['nowMs - latest > MISSED_AFTER_MS', 'nowMs < latest'],
    { file: 'test/schedules/firing.test.ts', test: 'after a time without a worker skip: a day that is over' },
  ),
  mutant(
    'a schedule that is written again forgets what it has missed',
    'src/store/schedules.ts',
    ['THEN schedule.next_run_at', 'THEN excluded.next_run_at'],
    {
      file: 'test/schedules/facade.test.ts',
      test: 'an application that writes it again at its start loses no time that is yet to be caught up with',
    },
  ),
  mutant('a schedule that is edited by hand keeps its old next time', INIT, ['NEW."next_run_at" := NULL;', 'NULL;'], {
    file: 'test/schedules/firing.test.ts',
    test: 'edited by hand another expression or zone is planned anew',
  }),
  mutant(
    'schedules are not looked for before the next known time',
    'src/store/maintenance.ts',
    [
      'AND next_run_at IS NULL)\n        OR (SELECT min(next_run_at)',
      'AND next_run_at IS NULL)\n        AND (SELECT min(next_run_at)',
    ],
    {
      file: 'test/schedules/facade.test.ts',
      test: 'a row that is written elsewhere is found, however far away the next known time is',
    },
  ),
  mutant(
    'a fixed time that the clock repeats fires twice',
    'src/core/cron.ts',
    ['(this.#fixed ? next.before : next.after) - 1', 'next.after - 1'],
    {
      file: 'test/core/cron.test.ts',
      test: 'where the clocks are changed a fixed time that is repeated fires the first time',
    },
  ),
  mutant(
    'a fixed time that the clock has repeated just now fires again',
    'src/core/cron.ts',
    ['change !== undefined && this.#fixed', 'change !== undefined && !this.#fixed'],
    { file: 'test/core/cron.test.ts', test: 'where the clocks are changed also when that was just now' },
  ),
  mutant(
    'days of month and of week are combined as cron-parser does',
    'src/core/cron.ts',
    ['eitherDay: !isStar(fields[3]) && !isStar(fields[5])', "eitherDay: fields[3] !== '*' && fields[5] !== '*'"],
    { file: 'test/core/cron.test.ts', test: 'an expression 0 0 */2 * 5' },
  ),
]
