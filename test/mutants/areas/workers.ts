import { type Mutant, mutant } from '../mutant.ts'

export const WORKERS: Mutant[] = [
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
    ['if (this.#queue.drop(Number.POSITIVE_INFINITY) > 0) this.#claimer.disown()', ''],
    {
      file: 'test/worker/ahead.test.ts',
      test: 'what is claimed ahead is given back by stop(), with the try unspent',
    },
  ),
  mutant(
    'what is claimed ahead is started although its origin has no room',
    'src/worker/origins.ts',
    ['?.running ?? 0) < this.#limitOf(origin)', '?.running ?? 0) >= 0'],
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
    ['[this.#bookings.ended(), this.#queue.emptied(), this', '[this.#bookings.ended(), this'],
    {
      file: 'test/worker/stop.test.ts',
      test: 'waits for what is under way, records it and claims nothing more',
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
  mutant(
    'a worker that found something polls as if it had not',
    'src/worker/poller.ts',
    ['    this.#waitMs = ms * 2\n    return ms', '    return SHORT_MS.most'],
    {
      file: 'test/worker/poller.test.ts',
      test: 'after a claim that found all that was due and is as usual it claims again in four times as long, within bounds',
    },
  ),
  mutant(
    'a connection that hears nothing is left listening for who gets it next',
    'src/worker/listener.ts',
    ['if (isHeard) await', 'await'],
    {
      file: 'test/worker/listener.test.ts',
      test: 'says that it hears nothing where nothing comes, and listens to no spawns there',
    },
  ),
  mutant(
    'each loss of the connection that listens counts with the earlier ones',
    'src/worker/listener.ts',
    ['this.#onError(error, 1),\n      )', 'Promise.reject(error),\n      )'],
    {
      file: 'test/worker/listener.test.ts',
      test: 'listens again when the connection is lost, and says that something may have been missed',
    },
  ),
]
