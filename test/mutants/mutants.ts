import type { NamedTest } from './vitest.ts'

/** One text of a file, which is there exactly once, and what stands in its place. */
export interface Change {
  file: string
  find: string
  replace: string
}

/** A fault that this library could have, and the test that would tell. */
export interface Mutant {
  /** What is broken. */
  name: string
  changes: Change[]
  caughtBy: NamedTest
}

const INIT = 'prisma/migrations/20261124000000_requeuest_init/migration.sql'

function mutant(name: string, file: string, [find, replace]: [string, string], caughtBy: NamedTest): Mutant {
  return { name, changes: [{ file, find, replace }], caughtBy }
}

const CLAIMS: Mutant[] = [
  mutant(
    'a claim locks no row: two workers take the same',
    'src/store/claims.ts',
    [
      `id LIMIT (SELECT \${share}::int) FOR UPDATE SKIP LOCKED) AS probe\n      LIMIT (SELECT \${limit}::int))\n      UNION ALL`,
      `id LIMIT (SELECT \${share}::int)) AS probe\n      LIMIT (SELECT \${limit}::int))\n      UNION ALL`,
    ],
    { file: 'test/store/claims.test.ts', test: 'gives no request to two claims that run at once' },
  ),
  mutant(
    'a claim does not count its try',
    'src/store/claims.ts',
    ['attempt_count = request.attempt_count + 1,', 'attempt_count = request.attempt_count,'],
    { file: 'test/store/claims.test.ts', test: 'stamps what it claims before anything is sent' },
  ),
  mutant(
    'a lease ends before the deadline of its request does',
    'src/store/claims.ts',
    [`(request.timeout_ms + \${graceMs}::int) * interval`, `\${graceMs}::int * interval`],
    { file: 'test/store/claims.test.ts', test: 'stamps what it claims before anything is sent' },
  ),
  mutant(
    "a lease is told by the worker's clock",
    'src/store/claims.ts',
    ['lease_until = statement_timestamp() +', `lease_until = to_timestamp(\${Date.now()}::float8 / 1000) +`],
    { file: 'test/store/claims.test.ts', test: 'keeps time by the clock of the database alone' },
  ),
  mutant(
    'no fence: a claim that was lost is given back, which takes it from its new holder',
    'src/store/claims.ts',
    [
      "request.id = claim.id AND request.attempt_count = claim.number AND request.state = 'claimed'",
      "request.id = claim.id AND request.state = 'claimed'",
    ],
    { file: 'test/store/claims.test.ts', test: 'does not give back what another worker has claimed since' },
  ),
  mutant(
    'a claim that is given back costs a try',
    'src/store/claims.ts',
    ["state = 'pending', attempt_count = request.attempt_count - 1,", "state = 'pending',"],
    { file: 'test/store/claims.test.ts', test: 'gives back what was not sent, with the try unspent' },
  ),
  mutant(
    'concurrencyPerOrigin is ignored',
    'src/store/claims.ts',
    [
      `ranked.row_number <= coalesce(known.room, \${limitPerOrigin}::int)`,
      `coalesce(known.room, \${limitPerOrigin}::int) > 0`,
    ],
    {
      file: 'test/store/claims.test.ts',
      test: 'gives each origin no more than its room, and looks only into the lanes that it is given',
    },
  ),
]

const SETTLEMENTS: Mutant[] = [
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
]

const RESCUES: Mutant[] = [
  mutant(
    'the rescue takes claims whose lease still runs',
    'src/store/rescues.ts',
    ["state = 'claimed' AND lease_until < statement_timestamp()", "state = 'claimed'"],
    {
      file: 'test/maintenance/maintenance.test.ts',
      test: 'a request whose worker died is due again, and the try is told as abandoned',
    },
  ),
  mutant(
    'the rescue leaves no trace of the try',
    'src/store/rescues.ts',
    ['FROM expired JOIN rescued ON rescued.id = expired.id\n', 'FROM expired JOIN rescued ON false\n'],
    {
      file: 'test/maintenance/maintenance.test.ts',
      test: 'a request whose worker died is due again, and the try is told as abandoned',
    },
  ),
  mutant(
    'a request may take down any number of workers',
    'src/store/rescues.ts',
    [`lease_expiries + 1 >= \${maxExpiries}::int`, `lease_expiries + 1 < 0 * \${maxExpiries}::int`],
    {
      file: 'test/maintenance/maintenance.test.ts',
      test: 'a request that five workers did not survive is failed as poisonous',
    },
  ),
  mutant(
    'what is being sent expires',
    'src/store/rescues.ts',
    ["state = 'pending' AND expires_at IS NOT NULL", "state IN ('pending', 'claimed') AND expires_at IS NOT NULL"],
    { file: 'test/maintenance/maintenance.test.ts', test: 'a request that is being sent does not expire' },
  ),
  mutant(
    'what a long transaction leaves behind the last look is never found',
    'src/maintenance/look.ts',
    ['fromMs >= this.#fromBeginningAtMs', 'this.#sinceMs === 0'],
    {
      file: 'test/maintenance/look.test.ts',
      test: 'what a long transaction leaves behind the last look is found when it looks from the beginning again',
    },
  ),
]

const LINES: Mutant[] = [
  mutant(
    'a turn is passed while a lost worker may still be sending',
    INIT,
    ['IF NEW."lease_until" IS NULL OR NEW."lease_until" <= statement_timestamp() THEN', 'IF true THEN'],
    { file: 'test/order/order.test.ts', test: 'a line waits for a request that is cancelled while it is being sent' },
  ),
  mutant(
    'a late success gives up the lease of the worker that may still be sending',
    'src/store/settlements.ts',
    [
      'lease_until = CASE WHEN request.attempt_count > result.number THEN request.lease_until END,',
      'lease_until = NULL,',
    ],
    {
      file: 'test/order/order.test.ts',
      test: 'under concurrency a late success waits for the worker that may still be sending',
    },
  ),
  mutant(
    "afterFailure: 'hold' is ignored",
    INIT,
    [`IF NEW."state" = 'failed' AND NEW."after_failure" = 'hold' THEN`, 'IF false THEN'],
    { file: 'test/order/order.test.ts', test: 'a held line stands still until it is released, and is visible' },
  ),
  mutant(
    'a turn is lost to a request that becomes final meanwhile',
    INIT,
    [
      `PERFORM 1 FROM "requeuest_request" WHERE "id" = next_id AND "state" IN ('pending', 'claimed') FOR UPDATE;`,
      'PERFORM 1 FROM "requeuest_request" WHERE "id" = next_id FOR UPDATE;',
    ],
    { file: 'test/model/lines.test.ts', test: 'passes over the next one when that is cancelled meanwhile' },
  ),
]

const SPAWNS: Mutant[] = [
  mutant(
    'a spawn is written outside of its transaction',
    'src/spawn/spawn.ts',
    ['write(tx ?? db, rows)', 'write(db, rows)'],
    {
      file: 'test/spawn/transactions.test.ts',
      test: 'a spawn in a transaction is never there when that is rolled back, and neither is its line',
    },
  ),
  mutant(
    'a repeated spawn revives a request that is final',
    'src/store/requests.ts',
    ['ON CONFLICT (id) DO NOTHING\n    RETURNING', "ON CONFLICT (id) DO UPDATE SET state = 'pending'\n    RETURNING"],
    {
      file: 'test/spawn/transactions.test.ts',
      test: 'a spawn with an id is not brought back to life when it is final',
    },
  ),
  mutant(
    'what is being sent is cancelled',
    'src/store/requests.ts',
    ["WHERE state = 'pending' AND (", "WHERE state IN ('pending', 'claimed') AND ("],
    { file: 'test/worker/worker.test.ts', test: 'clear cancels what waits and lets go on what is being sent' },
  ),
  mutant(
    'a pause does not hold for what is handed over as it is spawned',
    'src/store/requests.ts',
    [
      'CASE WHEN NOT EXISTS (SELECT FROM requeuest_channel',
      'CASE WHEN true OR NOT EXISTS (SELECT FROM requeuest_channel',
    ],
    { file: 'test/spawn/booking.test.ts', test: 'a pause of the channel holds from its commit on' },
  ),
  mutant(
    'what a lost insert has claimed is not given back',
    'src/spawn/booking.ts',
    ['booking.cancel()\n    throw error', 'throw error'],
    {
      file: 'test/spawn/booking.test.ts',
      test: 'when an insert is unanswered nothing is lost',
    },
  ),
  mutant(
    'what stands below a floor is never looked for again',
    'src/worker/floors.ts',
    ['isKnown && nowMs >= this.#fromBeginningAtMs', 'false'],
    {
      file: 'test/worker/floors.test.ts',
      test: 'while dead rows cannot go claims begin behind them, what comes before is found, and floors go when they have gone',
    },
  ),
]

const CONTROL_TEST = 'test/control/cancel.test.ts'
const REDRIVE_TEST = 'test/control/redrive.test.ts'
const DEDUPE_TEST = 'test/spawn/dedupe.test.ts'

const CONTROL: Mutant[] = [
  mutant(
    'what is claimed is not cancelled',
    'src/control/cancel.ts',
    ["resolveFilter(which, ['pending', 'claimed'])", "resolveFilter(which, ['pending'])"],
    {
      file: CONTROL_TEST,
      test: 'of what is being sent no other try follows, and how it ended is recorded: refused',
    },
  ),
  mutant(
    'a cancelled try has no row until its worker reports',
    'src/store/control.ts',
    ['FROM cancelled WHERE in_flight', 'FROM cancelled WHERE false'],
    { file: CONTROL_TEST, test: 'what a worker has claimed and not begun when it is stopped stays cancelled' },
  ),
  mutant(
    'a cancel passes over what is locked',
    'src/store/control.ts',
    ['ORDER BY id FOR NO KEY UPDATE))', 'ORDER BY id FOR NO KEY UPDATE SKIP LOCKED))'],
    { file: CONTROL_TEST, test: 'takes all pages, and what is locked is waited for' },
  ),
  mutant(
    'the whole client passes for a transaction',
    'src/spawn/transaction.ts',
    ['if (connect !== undefined)', 'if (connect === null)'],
    {
      file: 'test/spawn/bad-input.test.ts',
      test: 'cancel with the whole client as tx is refused before anything is written',
    },
  ),
  mutant(
    'what went missing from a filter means everything',
    'src/control/filter.ts',
    ['if (given !== undefined) continue', 'continue'],
    { file: 'test/control/filter.test.ts', test: 'is refused: one of two without a value' },
  ),
  mutant(
    'a retarget brings back the body that it has read',
    'src/store/control.ts',
    [`AND (\${content === null}::boolean OR (`, `AND (\${true}::boolean OR \${content === null}::boolean OR (`],
    {
      file: 'test/control/change.test.ts',
      test: 'retarget does not bring back a body that is replaced at the same moment',
    },
  ),
  mutant(
    'what is still being sent is redriven',
    'src/store/redrives.ts',
    ['AND (lease_until IS NULL OR lease_until <= statement_timestamp())', ''],
    { file: REDRIVE_TEST, test: 'leaves what was cancelled while it was being sent until that is over' },
  ),
  mutant(
    'a redrive turns a line around',
    'src/store/redrives.ts',
    ['ORDER BY order_key, channel, order_seq, id FOR', 'ORDER BY id DESC FOR'],
    { file: REDRIVE_TEST, test: 'in a line goes to the end, in the order of the old places' },
  ),
  mutant(
    'a redriven request leaves its place in a line that stands still behind it',
    INIT,
    [`IF holder = NEW."id" THEN`, 'IF false THEN'],
    {
      file: REDRIVE_TEST,
      test: 'in a line goes on from its place when it holds the line still, and may hold it again',
    },
  ),
  mutant(
    'a redriven request forgets that it had a turn to pass',
    INIT,
    [`AND holder IS NULL AND OLD."passes_turn" THEN`, 'AND false THEN'],
    { file: REDRIVE_TEST, test: 'in a line keeps its place when its turn was not passed yet, and the line goes on' },
  ),
  mutant(
    'a redriven request waits as long as it did in the end',
    'src/core/outcome.ts',
    ['waitMs(retry, number - triesBefore, delivery', 'waitMs(retry, triesBefore * 0 + number, delivery'],
    { file: REDRIVE_TEST, test: 'waits begin anew' },
  ),
  mutant('a key is not unique', INIT, ['CREATE UNIQUE INDEX', 'CREATE INDEX'], {
    file: DEDUPE_TEST,
    test: 'in a transaction the second of two waits for the first, and then does keep; it commits: true',
  }),
  mutant(
    'a spawn that was overtaken fails instead of looking again',
    'src/store/dedupe.ts',
    ["return state === '22012' ||", "return state === '00000' && state === '22012' ||"],
    { file: DEDUPE_TEST, test: 'replace does not rewrite one that a worker tries at the same moment: retrying' },
  ),
  mutant(
    'what a worker has taken is rewritten',
    'src/store/dedupe.ts',
    ["WHERE request.state = 'pending' AND request.attempt_count = 0 AND", "WHERE request.state = 'pending' AND"],
    { file: DEDUPE_TEST, test: 'replace does not rewrite one that a worker tries at the same moment: retrying' },
  ),
  mutant(
    'a key that is taken aborts the transaction of the caller',
    'src/store/savepoints.ts',
    ['    await rollBackToSavepoint(tx)\n', ''],
    {
      file: DEDUPE_TEST,
      test: 'in a transaction the second of two waits for the first, and then does keep; it commits: true',
    },
  ),
]

const WORKERS: Mutant[] = [
  mutant(
    'what was claimed without an answer is not given back',
    'src/worker/claimer.ts',
    ['this.#mayHoldUnknown = true\n    const', 'this.#mayHoldUnknown = false\n    const'],
    { file: 'test/worker/outage.test.ts', test: 'gives back at once what it claimed without getting the answer' },
  ),
  mutant(
    'what was claimed too late is sent, beyond its lease',
    'src/worker/sending.ts',
    ['monotonicMs() - askedAtMs > LATEST_START_MS', 'monotonicMs() - askedAtMs > Number.POSITIVE_INFINITY'],
    {
      file: 'test/worker/outage.test.ts',
      test: 'gives back unsent what it is told too late that it has claimed',
    },
  ),
  mutant(
    'stop() keeps what was claimed ahead, with the try spent',
    'src/worker/worker.ts',
    ['if (this.#ready.drop(Number.POSITIVE_INFINITY) > 0) this.#claimer.disown()', ''],
    {
      file: 'test/worker/ahead.test.ts',
      test: 'what is claimed ahead is given back by stop(), with the try unspent',
    },
  ),
  mutant(
    'what is claimed ahead is started although its origin has no room',
    'src/worker/origins.ts',
    ['return count(this.#running, origin) < this.#limitOf(origin)', 'return count(this.#running, origin) >= 0'],
    {
      file: 'test/worker/origins.test.ts',
      test: 'an origin that answers fast still starts no more at once than its limit',
    },
  ),
  mutant(
    'what is disowned while a claim is under way is forgotten',
    'src/worker/claimer.ts',
    ['mayHoldUnknown || this.#disowned !== disowned', 'false'],
    {
      file: 'test/spawn/booking.test.ts',
      test: 'what an unanswered insert has claimed is given back although a claim was under way meanwhile',
    },
  ),
  mutant(
    'stop() does not wait for what is under way',
    'src/worker/worker.ts',
    ['[this.#giveBack(), this.#slots.emptied(), this', '[this.#giveBack(), this'],
    {
      file: 'test/worker/stop.test.ts',
      test: 'records as abandoned what has no answer in time, and makes it due again',
    },
  ),
  mutant(
    'a worker that was behind with writing waits until a second is over',
    'src/running.ts',
    ['this.#worker.settled()\n', '\n'],
    {
      file: 'test/worker/ahead.test.ts',
      test: 'a worker that was behind with writing goes on as soon as that is done',
    },
  ),
  mutant(
    'the sender tries again by itself, which no row tells of',
    'src/worker/deliver.ts',
    [
      'await exchange(outgoing, request, deadline)',
      'await exchange(outgoing, request, deadline).then((it) => it.error ? exchange(outgoing, request, deadline) : it)',
    ],
    {
      file: 'test/worker/worker.test.ts',
      test: 'tries again until the request is accepted, and tells every try as it was',
    },
  ),
  mutant(
    'each try has an Idempotency-Key of its own',
    'src/worker/deliver.ts',
    [
      'withDefaultHeaders(outgoing.headers, id)',
      `withDefaultHeaders(outgoing.headers, \`\${id}-\${performance.now()}\`)`,
    ],
    {
      file: 'test/worker/worker.test.ts',
      test: 'tries again until the request is accepted, and tells every try as it was',
    },
  ),
  mutant(
    'Retry-After is ignored',
    'src/core/outcome.ts',
    ['retryAfterMs(delivery.headers ?? [], nowMs) ?? 0', '0 * nowMs'],
    {
      file: 'test/worker/worker.test.ts',
      test: 'waits as long as Retry-After asks, but not longer than the policy allows',
    },
  ),
]

const STATEMENTS = 'test/limits/statements.test.ts'
const LIMITS_TEST = 'test/limits/limits.test.ts'
const BREAKER_TEST = 'test/limits/breaker.test.ts'

const LIMITS: Mutant[] = [
  mutant(
    'a paused channel is claimed from when some origin is full',
    'src/store/claims.ts',
    ['WHERE lane.channel <> ALL', "WHERE '' <> ALL"],
    { file: STATEMENTS, test: 'a pause of a channel keeps every claim away, also of who does not know of it' },
  ),
  mutant(
    'a paused channel is claimed from when it is known where its first request stands',
    'src/store/claims.ts',
    ['WHERE floor.channel <> ALL', "WHERE '' <> ALL"],
    { file: STATEMENTS, test: 'a pause of a channel keeps every claim away, also of who does not know of it' },
  ),
  mutant(
    'what goes to a paused origin is claimed by who does not know of it',
    'src/store/claims.ts',
    ['AND ranked.origin <> ALL', "AND '' <> ALL"],
    { file: STATEMENTS, test: 'a pause of an origin keeps every claim away, also of who does not know of it' },
  ),
  mutant(
    'what was claimed ahead is sent in spite of a pause',
    'src/worker/ready.ts',
    ['askedAtMs < beforeMs || this.#limits.isBlocked(claim)', 'askedAtMs < beforeMs'],
    {
      file: BREAKER_TEST,
      test: 'a receiver that answers 429 with Retry-After is sent nothing until then by any worker, and its requests wait with their tries unspent',
    },
  ),
  mutant(
    'what is made when it is sent goes to a paused receiver',
    'src/worker/limits.ts',
    ['if (scope.room(nowMs) <= 0 || !this.origins.enter(origin))', 'if (!this.origins.enter(origin))'],
    {
      file: 'test/limits/rendered.test.ts',
      test: 'what is made when it is sent is held to what its receiver may have',
    },
  ),
  mutant(
    'what waits for its time is read by each claim',
    'src/store/claims.ts',
    [
      '(lowest.run_at, lowest.id) AND run_at <= statement_timestamp()',
      "(lowest.run_at, lowest.id) AND run_at + interval '0' <= statement_timestamp()",
    ],
    { file: 'test/store/plans.test.ts', test: '300 000 waiting requests of higher priority cost a claim nothing' },
  ),
  mutant(
    'what is claimed at once is sent in any order',
    'src/worker/claimer.ts',
    ['claims.sort((one, other) => one.priority - other.priority)', 'claims'],
    {
      file: 'test/limits/priority.test.ts',
      test: 'what is urgent is sent first, also of what is claimed at once, and held up by nothing that is not due',
    },
  ),
  mutant(
    'a start is leased to several workers',
    'src/store/permits.ts',
    [
      `UPDATE requeuest_channel SET
        next_permit_at = statement_timestamp() + (from_ms + lease.count * spacing_ms) * interval '1 millisecond'`,
      `UPDATE requeuest_channel SET
        next_permit_at = statement_timestamp() + from_ms * interval '1 millisecond'`,
    ],
    { file: STATEMENTS, test: 'a rate gives out what is free in the next quarter of a second, each start once' },
  ),
  mutant(
    'each worker has the whole limit for itself',
    'src/store/shares.ts',
    ['(SELECT sum(slots) FROM party WHERE party.name = need.name)', '0'],
    {
      file: LIMITS_TEST,
      test: 'a limit of one channel on concurrency holds for several workers together, can be raised, and is given back',
    },
  ),
  mutant(
    'a worker waits for a start under a rate that is no more',
    'src/worker/scope.ts',
    ['if (control?.spacingMs !== this.#control?.spacingMs)', 'if (control === undefined)'],
    {
      file: LIMITS_TEST,
      test: 'a limit of one channel on the rate that leaves a worker waiting for a day ends that wait when it is raised',
    },
  ),
  mutant(
    'a start is used as soon as it is leased',
    'src/core/permits.ts',
    ['return Math.max(0, (this.#times[0] as number) - nowMs)', 'return 0'],
    {
      file: 'test/core/permits.test.ts',
      test: 'each start has its time, and those that come in two lots are used in order',
    },
  ),
  mutant(
    'a breaker opens at the first failure',
    'src/core/breaker.ts',
    ['all >= this.#policy.minRequests && failures', 'failures'],
    { file: 'test/core/breaker.test.ts', test: 'a window of failures too few requests' },
  ),
  mutant(
    'a breaker that one worker opened is not heeded by the others',
    'src/worker/scope.ts',
    ["this.#breaker = control?.breaker ?? 'closed'", "this.#breaker = this.#breaker ?? 'closed'"],
    {
      file: BREAKER_TEST,
      test: 'a breaker that is open keeps a worker away that has seen nothing fail',
    },
  ),
  mutant(
    'a recovered receiver gets everything at once',
    'src/worker/scope.ts',
    ['this.slowStart ??= new SlowStart()\n', ''],
    {
      file: BREAKER_TEST,
      test: 'a breaker opens for all workers when too much fails, lets one request at a time through, and closes slowly',
    },
  ),
  mutant(
    'every worker tries out an origin',
    'src/store/breakers.ts',
    ["coalesce(CASE breaker WHEN 'open' THEN open_until ELSE probe_until END <= statement_timestamp(), true)", 'true'],
    { file: STATEMENTS, test: 'one worker at a time tries out an origin, after its time' },
  ),
]

const NETWORK: Mutant[] = [
  mutant(
    'only what is looked up is checked, and literals are not',
    'src/net/connect.ts',
    ['return isIP(literal) === 0 ? null : refuseAddress(host, literal)', 'return null'],
    { file: 'test/net/dispatcher.test.ts', test: 'layer 1: literals 127.0.0.1 is this machine' },
  ),
  mutant(
    'only the first address of a name is checked',
    'src/net/lookup.ts',
    ['for (const { address } of addresses) error', 'for (const { address } of addresses.slice(0, 1)) error'],
    { file: 'test/security/rebinding.test.ts', test: 'one address inside among others spoils the name' },
  ),
  mutant(
    'the connected address is not checked',
    'src/net/connect.ts',
    ['refuseAddress(target.hostname, remoteAddress)', 'null'],
    {
      file: 'test/net/dispatcher.test.ts',
      test: 'layer 3: the connected address is checked before a byte of HTTP leaves for name.test',
    },
  ),
  mutant(
    'any port may be reached',
    'src/net/rules.ts',
    ['refusedAddress(address, addresses) ?? refusedPort(port)', 'refusedAddress(address, addresses)'],
    {
      file: 'test/net/rules.test.ts',
      test: 'allow 10.0.0.0/8, then anything.test port 9000 at 11.0.0.1: refused true',
    },
  ),
  mutant('TLS is not verified', 'src/net/connect.ts', ['rejectUnauthorized: true', 'rejectUnauthorized: false'], {
    file: 'test/net/dispatcher.test.ts',
    test: 'TLS is verified',
  }),
  mutant(
    'a redirect takes secrets to another origin',
    'src/net/redirect.ts',
    ['return url.origin === request.url.origin ||', 'return url.origin !== null ||'],
    {
      file: 'test/worker/deliver.test.ts',
      test: 'redirects take no secret to another origin, even on the way back',
    },
  ),
  mutant(
    'an interim response is left to undici, which ends the connection at a 100',
    'src/net/response-head.ts',
    [`this.#awaits = status === undefined ? 'end of head' : 'end of interim'`, `this.#awaits = 'end of head'`],
    {
      file: 'test/worker/deliver-answers.test.ts',
      test: 'a 100 that nobody asked for is an answer like any other',
    },
  ),
  mutant(
    'a redirect passes a pause',
    'src/worker/hops.ts',
    ['if (!(await this.#gate.enter(origin))) return false', 'await this.#gate.enter(origin)'],
    {
      file: 'test/limits/hops.test.ts',
      test: 'a redirect is not followed to a receiver that is paused, and the attempt says so',
    },
  ),
  mutant(
    'a receiver is blamed for what its redirect led to',
    'src/worker/limits.ts',
    ['const own = delivery?.ofOrigin ?? delivery', 'const own = delivery'],
    {
      file: 'test/limits/hops.test.ts',
      test: 'a redirect makes a pause of where it leads, not of where it comes from',
    },
  ),
  mutant(
    'a lack of descriptors is the failure of whoever was to be sent to',
    'src/worker/to-delivery.ts',
    ['!begun && exhaustedBy(error) !== null', 'false'],
    {
      file: 'test/worker/exhaustion.test.ts',
      test: 'a process without a descriptor left spends no attempt, blames no receiver and says so once',
    },
  ),
  mutant(
    'names whose servers are silent are asked of the system, one after another',
    'src/net/name-servers.ts',
    ['else reject(unanswered(host, codes))', 'else resolve(null)'],
    {
      file: 'test/net/resolve.test.ts',
      test: 'names whose servers never answer are given up before the connection is, and said to have no address',
    },
  ),
  mutant(
    'connections are kept for as long as receivers like',
    'src/net/idle.ts',
    ['const MOST = 512', 'const MOST = 100_000'],
    {
      file: 'test/net/idle.test.ts',
      test: 'connections that are not used leave a process its descriptors, however many receivers ask for theirs to be kept',
    },
  ),
  mutant('a body of any length is read to its end', 'src/net/exchange.ts', ['if (body.truncated) {', 'if (!body) {'], {
    file: 'test/worker/deliver-hostile.test.ts',
    test: 'floods of body are cut',
  }),
  {
    name: 'the timeouts of undici stand in for the deadline, and a body that drips has none',
    changes: [
      {
        file: 'src/worker/deadline.ts',
        find: 'if (deadline.endsAtMs <= nowMs) deadline.end(outOfTime(deadline.timeoutMs))',
        replace: 'if (deadline.endsAtMs <= nowMs) outOfTime(deadline.timeoutMs)',
      },
      { file: 'src/net/dispatcher.ts', find: 'headersTimeout: 0', replace: 'headersTimeout: 1000' },
      { file: 'src/net/dispatcher.ts', find: 'bodyTimeout: 0', replace: 'bodyTimeout: 1000' },
    ],
    caughtBy: {
      file: 'test/worker/deliver-hostile.test.ts',
      test: 'the deadline holds when the body drips, and what came is kept',
    },
  },
]

const SECRETS: Mutant[] = [
  mutant(
    'a token goes wherever a spawn leads it',
    'src/renderers.ts',
    ['renderer.checkDestination(made.url)\n', '\n'],
    {
      file: 'test/outgoing/auth.test.ts',
      test: 'a token goes to the origins that may get it alone, not even by a redirect elsewhere',
    },
  ),
  mutant(
    'a signature goes where a redirect leads',
    'src/worker/deliver.ts',
    [
      '(request.url.origin === url.origin ? withSignature(request, id, keys) : request)',
      'withSignature(request, id, keys)',
    ],
    {
      file: 'test/outgoing/signing.test.ts',
      test: 'is signed anew for a redirect to the same origin, and not at all for one to another',
    },
  ),
  mutant(
    'what a renderer made is recorded with the values of its query',
    'src/worker/rendered.ts',
    ['url: redactUrl(url.href)', 'url: url.href'],
    { file: 'test/outgoing/rendering.test.ts', test: 'holds its arguments alone, and is made anew for each try' },
  ),
  mutant('an error of the database shows the row', 'src/store/db.ts', ['hideValues(error)\n', '\n'], {
    file: 'test/security/canary.test.ts',
    test: 'no secret is in a log, an event, an error, or in any file of the database',
  }),
  {
    name: 'what is sealed for one row opens in another',
    changes: [
      { file: 'src/encryption/envelope.ts', find: `\`requeuest/1/\${place}\``, replace: `'requeuest/1'` },
      { file: 'src/encryption/envelope.ts', find: 'nonce).setAAD(Buffer.from(place))', replace: 'nonce)' },
      { file: 'src/encryption/envelope.ts', find: 'decipher.setAAD(Buffer.from(place))', replace: 'decipher' },
    ],
    caughtBy: {
      file: 'test/encryption/encryption.test.ts',
      test: 'what was put into another row opens there no more',
    },
  },
]

const SCHEDULES: Mutant[] = [
  mutant(
    'no fence: a schedule that was changed meanwhile is fired as it was',
    'src/store/schedules.ts',
    [`AND xmin::text = \${version}\n          AND set_config`, 'AND set_config'],
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
    'src/store/upkeep.ts',
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

const RETENTION: Mutant[] = [
  mutant(
    'retention deletes the request that holds its line',
    'src/store/retention.ts',
    ['AND (order_key IS NULL OR (', 'AND (true OR order_key IS NULL OR ('],
    {
      file: 'test/maintenance/prune.test.ts',
      test: 'the failed request that holds its line stays, and the line stands, until it is released',
    },
  ),
  mutant(
    'retention waits for locked rows',
    'src/store/retention.ts',
    [`LIMIT \${limit} FOR UPDATE SKIP LOCKED`, `LIMIT \${limit} FOR UPDATE`],
    {
      file: 'test/maintenance/prune.test.ts',
      test: 'a row that is locked is left for another time, and the rest is deleted',
    },
  ),
  mutant(
    'retention deletes the bodies of what is yet to be handled',
    'src/store/retention.ts',
    ['AND handler_due_at IS NULL AND (lease_until', 'AND (lease_until'],
    { file: 'test/handlers/handlers.test.ts', test: 'retention waits for the handler' },
  ),
  mutant(
    'a change of the encryption key brings deleted bodies back',
    'src/store/encrypted.ts',
    [
      `CASE WHEN attempt.body IS NOT NULL THEN substring(\${bodies.bytes}::bytea FROM new.start FOR new.length) END`,
      `substring(\${bodies.bytes}::bytea FROM new.start FOR new.length)`,
    ],
    {
      file: 'test/maintenance/prune.test.ts',
      test: 'a change of the encryption key brings no body back that was deleted in between',
    },
  ),
]

const HANDLERS: Mutant[] = [
  mutant(
    'a handler that passes over an error of Postgres counts as done',
    'src/handlers/transaction.ts',
    ['  await clearHandling(tx, requestId)\n', '  await clearHandling(tx, requestId).then(null, () => {})\n'],
    {
      file: 'test/handlers/handlers.test.ts',
      test: 'one that passes over an error of the database commits nothing, and is tried again',
    },
  ),
  mutant(
    'a statement of a handler has no limit',
    'src/handlers/transaction.ts',
    ['limitTransaction(tx, timeoutMs, timeoutMs + IDLE_GRACE_MS)', 'limitTransaction(tx, 0, 0)'],
    {
      file: 'test/handlers/handlers.test.ts',
      test: 'one that waits for the database for too long is undone and tried again',
    },
  ),
  mutant(
    'what failed with its handler is not settled without',
    'src/handlers/settle.ts',
    ['onError(error, 1)\n      settler.add(settlement)', 'onError(error, 1)'],
    {
      file: 'test/handlers/handlers.test.ts',
      test: 'one that throws is undone and tried again until it succeeds, and the request is not sent again',
    },
  ),
  mutant(
    'two processes run the same handler at once',
    'src/store/handlers.ts',
    ['LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED', 'LIMIT 1'],
    { file: 'test/handlers/handlers.test.ts', test: 'of many processes one handles each request' },
  ),
  mutant(
    'slow handlers of one channel take all slots',
    'src/handlers/slots.ts',
    ['const PER_CHANNEL = 2', 'const PER_CHANNEL = 6'],
    {
      file: 'test/handlers/handlers.test.ts',
      test: "slow handlers of one channel hold up neither that channel's requests nor another's handlers",
    },
  ),
  mutant(
    'slow handlers of three channels take all slots',
    'src/handlers/slots.ts',
    ['const RESERVED = 2', 'const RESERVED = 0'],
    {
      file: 'test/handlers/handlers.test.ts',
      test: 'slow handlers of three channels leave those of a fourth the slots that they need',
    },
  ),
  mutant(
    'what is cancelled is not handled',
    'src/store/requests.ts',
    [
      'handler_due_at = (SELECT statement_timestamp() FROM requeuest_handler WHERE channel = request.channel)',
      'handler_due_at = NULL',
    ],
    {
      file: 'test/handlers/handlers.test.ts',
      test: 'what becomes final without being sent, or in a process that has no handler, is handled as well',
    },
  ),
]

export const MUTANTS: readonly Mutant[] = [
  ...CLAIMS,
  ...SETTLEMENTS,
  ...RESCUES,
  ...LINES,
  ...SPAWNS,
  ...CONTROL,
  ...WORKERS,
  ...LIMITS,
  ...NETWORK,
  ...SECRETS,
  ...SCHEDULES,
  ...RETENTION,
  ...HANDLERS,
]
