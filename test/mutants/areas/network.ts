import { type Mutant, mutant, unguarded } from '../mutant.ts'

export const NETWORK: Mutant[] = [
  mutant(
    'only what is looked up is checked, and literals are not',
    'refusedByUrl',
    ['isIP(literal) === 0 ? null : rules.refuseAddress(host, port, literal)', 'null'],
    { file: 'test/net/dispatcher.test.ts', test: 'the address guard, a literal address: 127.0.0.1 is this machine' },
  ),
  mutant('only the first address of a name is checked', 'vettedLookup', ['of addresses', 'of addresses.slice(0, 1)'], {
    file: 'test/net/guard/rebinding.test.ts',
    test: 'one address inside among others spoils the name',
  }),
  mutant(
    'the connected address is not checked',
    'guardedConnector',
    ['refuseAddress(target.hostname, remoteAddress)', 'null'],
    {
      file: 'test/net/dispatcher.test.ts',
      test: 'the address guard, the connected address is checked before a byte of HTTP leaves for name.test',
    },
  ),
  mutant(
    'any port may be reached',
    'resolveNetworkRules',
    ['(address, addresses) ?? refusedPort(port)', '(address, addresses)'],
    {
      file: 'test/net/guard/rules.test.ts',
      test: 'network.allow 10.0.0.0/8, then anything.test port 9000 at 11.0.0.1: refused true',
    },
  ),
  mutant('TLS is not verified', 'guardedConnector', ['rejectUnauthorized: true', 'rejectUnauthorized: false'], {
    file: 'test/net/dispatcher.test.ts',
    test: 'TLS is verified',
  }),
  mutant('a redirect takes secrets to another origin', 'redirection', ['=== request.url.origin', '!== null'], {
    file: 'test/deliver/sender.test.ts',
    test: 'redirects take no secret to another origin, even on the way back',
  }),
  mutant(
    'an interim response is left to undici, which ends the connection at a 100',
    'ResponseHead.#status',
    ["status === undefined ? 'end of head' : 'end of interim'", "'end of head'"],
    {
      file: 'test/deliver/sender-answers.test.ts',
      test: 'a 100 that nobody asked for is an answer like any other',
    },
  ),
  mutant(
    'a redirect passes a pause',
    'Hops.enter',
    ['if (!(await this.#gate.enter(origin))) return false', 'await this.#gate.enter(origin)'],
    {
      file: 'test/limits/hops.test.ts',
      test: 'a redirect is not followed to a receiver that is paused, and the attempt says so',
    },
  ),
  mutant('a receiver is blamed for what its redirect led to', 'Limiter.ended', ['?.ofOrigin ?? delivery', ''], {
    file: 'test/limits/hops.test.ts',
    test: 'a redirect makes a pause of where it leads, not of where it comes from',
  }),
  mutant(
    'a lack of descriptors is the failure of whoever was to be sent to',
    'sentBy',
    ['!begun && exhaustedBy(error) !== null', 'false'],
    {
      file: 'test/deliver/exhaustion.test.ts',
      test: 'a process without a descriptor left spends no attempt, blames no receiver and says so once',
    },
  ),
  mutant(
    'names whose servers are silent are asked of the system, one after another',
    'askNameServers',
    ['reject(unanswered(host, codes))', 'resolve(null)'],
    {
      file: 'test/net/guard/resolve.test.ts',
      test: 'names whose servers never answer are given up before the connection is, and said to have no address',
    },
  ),
  mutant('connections are kept for as long as receivers like', 'MOST', ['MOST = 512', 'MOST = 100_000'], {
    file: 'test/net/idle.test.ts',
    test: 'connections that are not used leave a process its descriptors, however many receivers ask for theirs to be kept',
  }),
  mutant('a body of any length is read to its end', 'Exchange.onData', ['body.truncated', '!body'], {
    file: 'test/deliver/sender-hostile.test.ts',
    test: 'floods of body are cut',
  }),
  unguarded(
    'the timeouts of undici stand in for the deadline, and a body that drips has none',
    [
      ['Deadlines.#check', 'deadline.end(outOfTime(deadline.timeoutMs))', 'outOfTime(deadline.timeoutMs)'],
      ['createDispatcher', 'headersTimeout: 0', 'headersTimeout: 1000'],
      ['createDispatcher', 'bodyTimeout: 0', 'bodyTimeout: 1000'],
    ],
    {
      file: 'test/deliver/sender-hostile.test.ts',
      test: 'the deadline holds when the body drips, and what came is kept',
    },
  ),
]
