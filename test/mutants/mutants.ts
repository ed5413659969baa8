// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what is replaced is source text

/** One way to break the library, and the test that has to notice. */
export interface Mutant {
  name: string
  file: string
  /** Occurs once in the file. */
  find: string
  replace: string
  /** The test's file, and a part of its name. */
  test: [file: string, name: string]
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'a try that lost its claim may settle it',
    file: 'src/store/settlements.ts',
    find: "((request.state = 'claimed' AND request.attempt_count = result.number)",
    replace: "((request.state = 'claimed')",
    test: ['test/store/settlements.test.ts', 'changes nothing when it failed, but its attempt is told truly'],
  },
  {
    name: 'a late success is ignored',
    file: 'src/store/settlements.ts',
    find: "OR (request.state IN ('pending', 'claimed') AND result.state = 'delivered'))",
    replace: 'OR false)',
    test: ['test/store/settlements.test.ts', 'delivers the request when it succeeded late'],
  },
  {
    name: 'a late success lets the line pass a worker that may still be sending',
    file: 'src/store/settlements.ts',
    find: 'lease_until = CASE WHEN request.attempt_count > result.number THEN request.lease_until END,',
    replace: 'lease_until = NULL,',
    test: ['test/order/order.test.ts', 'a late success waits for the worker that may still be sending'],
  },
  {
    name: 'a try that was written off stays abandoned',
    file: 'src/store/settlements.ts',
    find: "WHERE attempt.outcome = 'abandoned'",
    replace: 'WHERE false',
    test: ['test/store/settlements.test.ts', 'changes nothing when it failed, but its attempt is told truly'],
  },
  {
    name: 'a settle waits for a locked row',
    file: 'src/store/settlements.ts',
    find: 'FOR NO KEY UPDATE SKIP LOCKED',
    replace: 'FOR NO KEY UPDATE',
    test: ['test/store/settlements.test.ts', 'passes over a row that an open transaction has locked'],
  },
  {
    name: 'a repeated settle is told to be lost',
    file: 'src/store/settlements.ts',
    find: "attempt.outcome::text = result.outcome) THEN 'settled'",
    replace: "attempt.outcome::text = result.outcome) THEN 'lost'",
    test: ['test/store/settlements.test.ts', 'a settlement whose answer was lost can be repeated'],
  },
  {
    name: 'two workers may claim one request',
    file: 'src/store/claims.ts',
    find: `          AND priority >= 0 AND run_at <= statement_timestamp()
        ORDER BY run_at, id LIMIT \${share} FOR UPDATE SKIP LOCKED) AS probe`,
    replace: `          AND priority >= 0 AND run_at <= statement_timestamp()
        ORDER BY run_at, id LIMIT \${share}) AS probe`,
    test: ['test/store/claims.test.ts', 'gives no request to two claims that run at once'],
  },
  {
    name: 'the claim does not record that a try begins',
    file: 'src/store/claims.ts',
    find: 'attempt_count = request.attempt_count + 1,',
    replace: 'attempt_count = request.attempt_count,',
    test: ['test/store/claims.test.ts', 'stamps what it claims before anything is sent'],
  },
  {
    name: 'a lease ends before the deadline of its request does',
    file: 'src/store/claims.ts',
    find: '(request.timeout_ms + ${graceMs}::int)',
    replace: '(${graceMs}::int)',
    test: ['test/store/claims.test.ts', 'stamps what it claims before anything is sent'],
  },
  {
    name: 'an origin may take every slot',
    file: 'src/store/claims.ts',
    find: 'WHERE ranked.row_number <= coalesce(known.room, ${limitPerOrigin}::int)',
    replace: '',
    test: ['test/store/claims.test.ts', 'gives each origin no more than its room'],
  },
  {
    name: 'a claim that is given back costs a try',
    file: 'src/store/claims.ts',
    find: "state = 'pending', attempt_count = request.attempt_count - 1,",
    replace: "state = 'pending',",
    test: ['test/store/claims.test.ts', 'gives back what was not sent, with the try unspent'],
  },
  {
    name: 'a claim whose answer was lost is kept until its lease ends',
    file: 'src/worker/claimer.ts',
    find: 'if (this.mayHoldUnknown) await this.releaseUnknown(held())',
    replace: '',
    test: ['test/worker/outage.test.ts', 'gives back at once what it claimed without getting the answer'],
  },
  {
    name: 'the rescue takes claims that are held',
    file: 'src/store/rescues.ts',
    find: "WHERE state = 'claimed' AND lease_until < statement_timestamp()",
    replace: "WHERE state = 'claimed'",
    test: ['test/maintenance/maintenance.test.ts', 'a request whose worker died is due again'],
  },
  {
    name: 'the rescue leaves no trace of the lost try',
    file: 'src/store/rescues.ts',
    find: 'FROM expired JOIN rescued ON rescued.id = expired.id\n      ON CONFLICT',
    replace: 'FROM expired JOIN rescued ON rescued.id = expired.id WHERE false\n      ON CONFLICT',
    test: ['test/maintenance/maintenance.test.ts', 'a request whose worker died is due again'],
  },
  {
    name: 'a request may take down worker after worker',
    file: 'src/store/rescues.ts',
    find: 'WHEN lease_expiries + 1 >= ${maxExpiries}::int',
    replace: 'WHEN lease_expiries + 1 >= ${maxExpiries}::int + 1000',
    test: [
      'test/maintenance/maintenance.test.ts',
      'a request that five workers did not survive is failed as poisonous',
    ],
  },
  {
    name: 'clear() cancels what is being sent',
    file: 'src/store/requests.ts',
    find: "WHERE state = 'pending' AND (${channels}",
    replace: "WHERE state IN ('pending', 'claimed') AND (${channels}",
    test: ['test/model/queue.test.ts', 'the statements do what the model says (known histories)'],
  },
  {
    name: 'a spawn ignores the transaction that it is given',
    file: 'src/spawn/spawn.ts',
    find: 'insertRequests(tx ?? db, stored)',
    replace: 'insertRequests(db, stored)',
    test: ['test/spawn/transactions.test.ts', 'is never there when that is rolled back'],
  },
  {
    name: 'stop() does not wait for what is under way',
    file: 'src/worker/worker.ts',
    find: 'await Promise.all([this.#giveBack(), ...[...this.#running.values()].map((run) => run.done)])',
    replace: 'await this.#giveBack()',
    test: ['test/worker/stop.test.ts', 'waits for what is under way, records it and claims nothing more'],
  },
  {
    name: 'a line goes on although it shall be held',
    file: 'prisma/migrations/20261124000000_requeuest_init/migration.sql',
    find: `IF NEW."state" = 'failed' AND NEW."after_failure" = 'hold' THEN`,
    replace: 'IF false THEN',
    test: ['test/order/order.test.ts', 'stands still until it is released, and is visible'],
  },
  {
    name: 'a line goes on while a lost worker may still be sending',
    file: 'prisma/migrations/20261124000000_requeuest_init/migration.sql',
    find: 'IF NEW."lease_until" IS NULL OR NEW."lease_until" <= statement_timestamp() THEN',
    replace: 'IF true THEN',
    test: ['test/order/order.test.ts', 'waits for a request that is cancelled while it is being sent'],
  },
  {
    name: 'what a turn is given to may have ended meanwhile',
    file: 'prisma/migrations/20261124000300_requeuest_turns/migration.sql',
    find: `PERFORM 1 FROM "requeuest_request" WHERE "id" = next_id AND "state" IN ('pending', 'claimed') FOR UPDATE;`,
    replace: 'PERFORM 1 FROM "requeuest_request" WHERE "id" = next_id FOR UPDATE;',
    test: ['test/model/lines.test.ts', 'passes over the next one when that is cancelled meanwhile'],
  },
  {
    name: 'literal addresses are not looked at',
    file: 'src/net/connect.ts',
    find: 'return isIP(host) === 0 ? null : refuseAddress(host, host)',
    replace: 'return null',
    test: ['test/net/transport.test.ts', 'is not asked for http://10.0.0.1/'],
  },
  {
    name: 'what a name leads to is not looked at',
    file: 'src/net/lookup.ts',
    find: 'for (const { address } of addresses) error ??= refuse(host, address)',
    replace: '',
    test: ['test/security/rebinding.test.ts', 'one address inside among others spoils the name'],
  },
  {
    name: 'the connected address is not looked at',
    file: 'src/net/connect.ts',
    find: 'const failure = remoteAddress === undefined ? closedAtOnce() : refuseAddress(target.hostname, remoteAddress)',
    replace: 'const failure = remoteAddress === undefined ? closedAtOnce() : null',
    test: ['test/net/dispatcher.test.ts', 'is checked before a byte of HTTP leaves for 127.0.0.1'],
  },
  {
    name: 'certificates are not verified',
    file: 'src/net/connect.ts',
    find: 'rejectUnauthorized: true,',
    replace: 'rejectUnauthorized: false,',
    test: ['test/net/dispatcher.test.ts', 'is verified'],
  },
  {
    name: 'a try has no deadline of its own',
    file: 'src/worker/deliver.ts',
    find: 'const timer = setTimeout(() => exchange.cancel(outOfTime(request.timeoutMs)), request.timeoutMs)',
    replace: 'const timer = setTimeout(() => {}, request.timeoutMs)',
    test: ['test/worker/deliver-hostile.test.ts', 'when the body drips, and what came is kept'],
  },
  {
    name: 'bodies are not cut',
    file: 'src/net/exchange.ts',
    find: 'if (!this.#result.body.truncated) return\n',
    replace: 'return\n',
    test: ['test/worker/deliver-hostile.test.ts', 'of body are cut'],
  },
  {
    name: 'a redirect takes credentials to another origin',
    file: 'src/net/redirect.ts',
    find: 'return url.origin === request.url.origin || KEPT_ACROSS_ORIGINS.includes(lower)',
    replace: 'return true',
    test: ['test/worker/deliver.test.ts', 'take no secret to another origin, even on the way back'],
  },
  {
    name: 'what is encrypted opens in any row',
    file: 'src/encryption/vault.ts',
    find: 'body: body && seal(key, `${row}/body`, body),',
    replace: "body: body && seal(key, 'body', body),",
    test: ['test/encryption/encryption.test.ts', 'receiver and caller read it, the database does not'],
  },
  {
    name: 'an error of the database shows the row',
    file: 'src/store/db.ts',
    find: 'hideValues(error)\n',
    replace: '\n',
    test: ['test/security/canary.test.ts', 'no secret is in a log, an event, an error'],
  },
]
