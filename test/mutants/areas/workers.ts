import { type Mutant, mutant } from '../mutant.ts'

export const WORKERS: Mutant[] = [
  mutant('what was claimed without an answer is not given back', 'Claimer.#claim', ['true const', 'false; const'], {
    file: 'test/claim/outage.test.ts',
    test: 'gives back at once what it claimed without getting the answer',
  }),
  mutant(
    'what was claimed too late is sent, beyond its lease',
    'Executor.#send',
    ['LATEST_START_MS', 'Number.POSITIVE_INFINITY'],
    {
      file: 'test/claim/outage.test.ts',
      test: 'gives back unsent what it is told too late that it has claimed',
    },
  ),
  mutant(
    'stop() keeps what was claimed ahead, with the attempt spent',
    'Worker.#giveBack',
    ['if (this.#queue.drop(Number.POSITIVE_INFINITY) > 0) this.#claimer.markReleased()', ''],
    {
      file: 'test/claim/ahead.test.ts',
      test: 'what is claimed ahead is given back by stop(), with the attempt unspent',
    },
  ),
  mutant(
    'what is claimed ahead is started although its origin has no room',
    'Origins.mayStart',
    ['< this.#limitOf(origin)', '>= 0'],
    {
      file: 'test/limits/origins.test.ts',
      test: 'an origin that answers fast still starts no more at once than its limit',
    },
  ),
  mutant(
    'what is disowned while a claim is under way is forgotten',
    'Claimer.#claim',
    ['mayHoldUnknown || this.#released !== released', 'false'],
    {
      file: 'test/spawn/eager.test.ts',
      test: 'what an unanswered insert has claimed is given back although a claim was under way meanwhile',
    },
  ),
  mutant('stop() does not wait for what is under way', 'Worker.stop', ['.#queue.emptied(), this', ''], {
    file: 'test/claim/stop.test.ts',
    test: 'waits for what is under way, records it and claims nothing more',
  }),
  mutant(
    'a worker that was behind with writing waits until a second is over',
    'Pipeline.#settled',
    ['this.worker.settled()', ''],
    {
      file: 'test/claim/ahead.test.ts',
      test: 'a worker that was behind with writing goes on as soon as that is done',
    },
  ),
  mutant(
    'the sender retries by itself, which no row tells of',
    'createSender',
    [
      '(outgoing, request, deadline, trace)',
      '(outgoing, request, deadline, trace).then((it) => it.error ? exchange(outgoing, request, deadline) : it)',
    ],
    {
      file: 'test/claim/worker.test.ts',
      test: 'retries until the request is accepted, and tells every attempt as it was',
    },
  ),
  mutant(
    'each attempt has an Idempotency-Key of its own',
    'createSender',
    ['headers, id', `headers, \`\${id}-\${performance.now()}\``],
    {
      file: 'test/claim/worker.test.ts',
      test: 'retries until the request is accepted, and tells every attempt as it was',
    },
  ),
  mutant('Retry-After is ignored', 'waitMs', ['retryAfterMs(delivery.headers ?? [], nowMs) ?? 0', '0 * nowMs'], {
    file: 'test/claim/worker.test.ts',
    test: 'waits as long as Retry-After asks, but not longer than the policy allows',
  }),
  mutant(
    'a worker that found something polls as if it had not',
    'Poller.found',
    ['this.#waitMs = ms * 2 return ms', 'return SHORT_MS.most'],
    {
      file: 'test/claim/poller.test.ts',
      test: 'after a claim that found all that was due and is as usual it claims again in four times as long, within bounds',
    },
  ),
  mutant(
    'a connection that hears nothing is left listening for who gets it next',
    'Listener.#begin',
    ['if (isHeard) await', 'await'],
    {
      file: 'test/claim/listener.test.ts',
      test: 'says that it hears nothing where nothing comes, and listens to no spawns there',
    },
  ),
  mutant(
    'each loss of the connection that listens counts with the earlier ones',
    'Listener.#listen',
    ['this.#onError(error, 1)', 'Promise.reject(error)'],
    {
      file: 'test/claim/listener.test.ts',
      test: 'listens again when the connection is lost, and says that something may have been missed',
    },
  ),
]
