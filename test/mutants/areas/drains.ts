import { type Mutant, mutant, unguarded } from '../mutant.ts'

const DRAIN = 'test/instance/drain.slow.test.ts'

export const DRAINS: Mutant[] = [
  unguarded(
    'a drain sends what may take longer than its budget',
    [
      ['claimRequests', `WHERE timeout_ms <= (SELECT \${terms.longestTimeoutMs}::int)`, ''],
      ['Executor.#send', '|| nowMs + claim.timeoutMs > this.#parts.quota.endsByMs', ''],
    ],
    { file: DRAIN, test: 'what could not be answered within the budget is not sent, and what is behind it is' },
  ),
  mutant(
    'a drain sends what it claimed in time and starts too late',
    'Executor.#send',
    ['|| nowMs + claim.timeoutMs > this.#parts.quota.endsByMs', ''],
    { file: DRAIN, test: 'what gets no slot in time is given back with its attempt unspent' },
  ),
  mutant(
    'a drain comes to nothing behind what does not fit in its budget',
    'Claimer.claim',
    ['await this.#fitting?.raise(channels, this.#longestTimeoutMs)', 'false'],
    { file: DRAIN, test: 'what does not fit in the budget holds up nothing behind it, however much it is' },
  ),
  mutant(
    'a drain ends while a rate still lets requests through',
    'Filler.#claim',
    ['isAtRest && !limits.awaitsPermit', 'isAtRest'],
    { file: DRAIN, test: 'a drain goes on until all is sent that a rate lets through one by one' },
  ),
  mutant(
    'a drain takes rows whose origins it has set right for nothing',
    'Filler.#claim',
    ['if (claimer.hasCorrected) return poller.found()', ''],
    { file: DRAIN, test: 'one drain sends rows made by hand, also beside an origin that is paused' },
  ),
  mutant('a drain makes more attempts than it may', 'Drain.#mayClaim', ['- held()', ''], {
    file: DRAIN,
    test: 'a drain makes no more attempts than maxRequests',
  }),
  mutant(
    'a drain does not send what its maintenance made due',
    'Drain.#work',
    ['if (found) await this.#idleAgain()', ''],
    { file: DRAIN, test: 'a drain sends what its maintenance makes due when nothing else is left' },
  ),
  mutant('stop() leaves drains alone', 'Context.stop', [', ...this.drains', ''], {
    file: DRAIN,
    test: 'stop() ends a drain, which waits for what is under way and records it',
  }),
]
