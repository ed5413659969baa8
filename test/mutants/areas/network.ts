import { type Mutant, mutant } from '../mutant.ts'

export const NETWORK: Mutant[] = [
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
