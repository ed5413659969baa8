import { type Mutant, mutant, unguarded } from '../mutant.ts'

const STATEMENTS = 'test/limits/statements.test.ts'
const LIMITS_TEST = 'test/limits/limits.slow.test.ts'
const HOPS_TEST = 'test/limits/hops.test.ts'
const BREAKER_TEST = 'test/limits/breaker.slow.test.ts'

export const LIMITS: Mutant[] = [
  mutant('a paused channel is claimed from when some origin is full', 'claimRequests', ['lane.channel <>', "'' <>"], {
    file: STATEMENTS,
    test: 'a pause of a channel keeps every claim away, also of who does not know of it',
  }),
  mutant(
    'a paused channel is claimed from when it is known where its first request stands',
    'claimRequests',
    ['watermark.channel <>', "'' <>"],
    { file: STATEMENTS, test: 'a pause of a channel keeps every claim away, also of who does not know of it' },
  ),
  mutant(
    'what goes to a paused origin is claimed by who does not know of it',
    'claimRequests',
    ['ranked.origin <> ALL (ARRAY', "'' <> ALL (ARRAY"],
    { file: STATEMENTS, test: 'a pause of an origin keeps every claim away, also of who does not know of it' },
  ),
  mutant(
    'what was claimed ahead is sent in spite of a pause',
    'LocalQueue.drop',
    ['beforeMs || this.#limits.isBlocked(claim)', 'beforeMs'],
    {
      file: BREAKER_TEST,
      test: 'a receiver that answers 429 with Retry-After is sent nothing until then by any worker, and its requests wait with their attempts unspent',
    },
  ),
  mutant(
    'what is paused by this process is gone to while its worker believes what it read before',
    'SettingsPoll.changed',
    ['this.#limits.keptBack.any = true', ''],
    {
      file: HOPS_TEST,
      test: 'a redirect is not followed to what this process has paused, while what the worker knows is read after the pause',
    },
  ),
  mutant(
    'what was read while a pause was written is believed',
    'SettingsPoll.#read',
    ['isChanged || (row?.keptBack ?? false)', 'row?.keptBack ?? false'],
    {
      file: HOPS_TEST,
      test: 'a redirect is not followed to what this process has paused, while what the worker knows was read before the pause',
    },
  ),
  mutant(
    'what begins slowly counts as told of its pause',
    'Scope.isTold',
    ["#control !== undefined || this.#breaker !== 'closed'", 'isLimited'],
    {
      file: HOPS_TEST,
      test: 'what a token is asked of is left alone also when the worker was not told of its Retry-After any more',
    },
  ),
  mutant(
    'what is made when it is sent goes to a paused receiver',
    'Limiter.enter',
    ['scope.room(nowMs) <= 0 || !', '!'],
    {
      file: 'test/limits/rendered.test.ts',
      test: 'what is made when it is sent is held to what its receiver may have',
    },
  ),
  mutant(
    'what waits for its time is read by each claim',
    'claimRequests',
    ['(lowest.run_at, lowest.id) AND run_at <=', "(lowest.run_at, lowest.id) AND run_at + interval '0' <="],
    { file: 'test/store/plans.slow.test.ts', test: '300 000 waiting requests of higher priority cost a claim nothing' },
  ),
  mutant(
    'what is claimed at once is sent in any order',
    'Claimer.claim',
    ['claims.sort((one, other) => one.priority - other.priority)', 'claims'],
    {
      file: 'test/limits/priority.test.ts',
      test: 'what is urgent is sent first, also of what is claimed at once, and held up by nothing that is not due',
    },
  ),
  mutant('a start is leased to several workers', 'takePermits', ['(from_ms + lease.count * spacing_ms)', 'from_ms'], {
    file: STATEMENTS,
    test: 'a rate gives out what is free in the next quarter of a second, each start once',
  }),
  mutant(
    'each worker has the whole limit for itself',
    'takeSemaphoreLeases',
    ['(SELECT sum(slots) FROM party WHERE party.name = need.name)', '0'],
    {
      file: LIMITS_TEST,
      test: 'a limit of one channel on concurrency holds for several workers together, can be raised, and is given back',
    },
  ),
  mutant(
    'a worker waits for a start under a rate that is no more',
    'Scope.learn',
    ['?.spacingMs !== this.#control?.spacingMs', '=== undefined'],
    {
      file: LIMITS_TEST,
      test: 'a limit of one channel on the rate that leaves a worker waiting for a day ends that wait when it is raised',
    },
  ),
  mutant(
    'a start is used as soon as it is leased',
    'Permits.nextInMs',
    ['Math.max(0, (this.#times[0] as number) - nowMs)', '0'],
    {
      file: 'test/limits/permits.test.ts',
      test: 'each start has its time, and those that come in two lots are used in order',
    },
  ),
  mutant(
    'a breaker opens at the first failure',
    'FailureWindow.record',
    ['all >= this.#policy.minRequests && failures', 'failures'],
    { file: 'test/policy/breaker.test.ts', test: 'a window of failures too few requests' },
  ),
  unguarded(
    'a breaker that one worker opened is not heeded by the others',
    [
      ['Scope.learn', 'control?.breaker', 'this.#breaker'],
      ['Claimer.#claimFrom', 'probing.has(origin)', 'probing.has(origin) || true'],
      ['claimRequests', 'boolean) AND ranked', 'boolean) AND false AND ranked'],
    ],
    {
      file: BREAKER_TEST,
      test: 'a breaker that is open keeps a worker away that has seen nothing fail',
    },
  ),
  mutant(
    'a recovered receiver gets everything at once',
    'Scope.#startSlowly',
    ['this.slowStart ??= new SlowStart()', ''],
    {
      file: BREAKER_TEST,
      test: 'a breaker opens for all workers when too much fails, lets one request at a time through, and closes slowly',
    },
  ),
  mutant(
    'every worker tries out an origin',
    'takeProbes',
    ["coalesce(CASE breaker WHEN 'open' THEN open_until ELSE probe_until END <= statement_timestamp(), true)", 'true'],
    { file: STATEMENTS, test: 'one worker at a time tries out an origin, after its time' },
  ),
]
