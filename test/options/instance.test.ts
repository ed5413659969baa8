import { expect, test } from 'vitest'
import { InvalidInputError } from '../../src/errors.ts'
import { type RequeuestOptions, resolveOptions, resolvePolicy } from '../../src/options/instance.ts'

// biome-ignore lint/suspicious/noSparseArray: map() and forEach() do not see the hole
const WITH_A_HOLE = [404, , 500]

test('options of an instance have the documented defaults', () => {
  expect(resolveOptions()).toEqual({
    policy: {
      accept: ['2xx'],
      retry: { maxAttempts: 2_147_483_647, baseMs: 1000, factor: 2, maxMs: 3_600_000, jitter: 'full' },
      onStatus: {},
      timeoutMs: 30_000,
      expiresAfterMs: null,
      maxRedirects: 0,
    },
    maxBodyBytes: 1_048_576,
    maxResponseBytes: 65_536,
    network: {},
    schema: undefined,
    signed: new Set(),
    transport: {},
    channels: {},
    deciders: new Map(),
    encryption: undefined,
    redactHeaders: [],
    notify: true,
    retention: { delivered: null, failed: null, cancelled: null, bodies: null },
    breaker: { failureRate: 0.5, minRequests: 20, windowMs: 10_000, openMs: 5000, maxOpenMs: 60_000 },
  })
  expect(resolveOptions({})).toEqual(resolveOptions())
})

test('options of an instance keep everything that is given', () => {
  const backoff = { base: 0, factor: 1.5, max: '24d', jitter: 'equal' } as const
  const resolved = resolveOptions({
    schema: 'shop',
    accept: [404, '400-410', '2xx', '503'],
    retry: { backoff, onStatus: { 410: 'fail' }, maxAttempts: 1 },
    timeout: '24h',
    expiresAfter: 1,
    maxRedirects: 20,
    maxBodyBytes: 0,
    maxResponseBytes: 104_857_600,
    network: { allow: ['127.0.0.1'], deny: [] },
    tls: {},
    proxy: null,
    channels: { a: { proxy: 'http://proxy' } },
    encryption: { keys: {}, current: 'a' },
    redactHeaders: ['X-Token'],
    notify: false,
    retention: { delivered: '7d', failed: 60_000, bodies: '90s' },
    breaker: { failureRate: 1, minRequests: 1 },
  })
  expect(resolved).toEqual({
    policy: {
      accept: ['404', '400-410', '2xx', '503'],
      retry: { maxAttempts: 1, baseMs: 0, factor: 1.5, maxMs: 2_073_600_000, jitter: 'equal' },
      onStatus: { 410: 'fail' },
      timeoutMs: 86_400_000,
      expiresAfterMs: 1,
      maxRedirects: 20,
    },
    maxBodyBytes: 0,
    maxResponseBytes: 104_857_600,
    network: { allow: ['127.0.0.1'], deny: [] },
    schema: 'shop',
    signed: new Set(),
    transport: { tls: {}, proxy: null },
    channels: { a: { proxy: 'http://proxy' } },
    deciders: new Map(),
    encryption: { keys: {}, current: 'a' },
    redactHeaders: ['x-token'],
    notify: false,
    retention: { delivered: 604_800_000, failed: 60_000, cancelled: 60_000, bodies: 90_000 },
    breaker: { failureRate: 1, minRequests: 1, windowMs: 10_000, openMs: 5000, maxOpenMs: 60_000 },
  })
})

test('options of an instance of a preset give way to others', () => {
  const day = 86_400_000
  const schedule = [5000, 300_000, 1_800_000, ...[2, 5, 10, 14, 20, 24].map((hours) => hours * 3_600_000)]
  const throttled = { base: '1m', factor: 5, max: '24h' }
  expect(resolveOptions({ preset: 'webhook', accept: ['3xx'], maxRedirects: 3 }).policy).toEqual({
    ...resolveOptions().policy,
    accept: ['3xx'],
    maxRedirects: 3,
    retry: { maxAttempts: 10, baseMs: 5000, factor: 2, maxMs: day, jitter: 'equal', delaysMs: schedule },
    onStatus: { 410: 'fail', 429: throttled, 502: throttled, 504: throttled },
  })
  const { policy } = resolveOptions({
    preset: 'api',
    retry: { onStatus: { 404: 'retry', 408: 'fail' }, maxAttempts: 3 },
  })
  const onStatus = { '4xx': 'fail', 404: 'retry', 408: 'fail', 409: 'retry', 425: 'retry', 429: 'retry' }
  expect(policy).toMatchObject({ retry: { ...resolveOptions().policy.retry, maxAttempts: 3 }, onStatus })
  const growing = resolveOptions({ preset: 'webhook', retry: { backoff: { base: 7 } } }).policy.retry
  expect(growing).toEqual({ maxAttempts: 10, baseMs: 7, factor: 2, maxMs: day, jitter: 'equal' })
})

test('options of an instance that are undefined count as omitted', () => {
  const undefinedOptions = Object.fromEntries(
    ['accept', 'retry', 'timeout', 'expiresAfter', 'maxRedirects', 'maxBodyBytes', 'network'].map((key) => [
      key,
      undefined,
    ]),
  )
  expect(resolveOptions(undefinedOptions)).toEqual(resolveOptions())
  const terms = { maxAttempts: undefined, backoff: undefined, onStatus: undefined }
  expect(resolveOptions({ retry: terms } as object)).toEqual(resolveOptions())
})

test('options of an instance know a worker without a breaker', () => {
  expect(resolveOptions({ breaker: false }).breaker).toBeNull()
})

test('options of an instance cannot be changed afterwards through what was passed in', () => {
  const options = { accept: ['2xx' as const], retry: { backoff: { base: 5 } } }
  const resolved = resolveOptions(options)
  options.accept.length = 0
  options.retry.backoff.base = 99
  expect(resolved.policy.accept).toEqual(['2xx'])
  expect(resolved.policy.retry.baseMs).toBe(5)
})

test.each<[string, unknown, string, string]>([
  ['null', null, 'options', 'an object'],
  ['a list', [], 'options', 'an object'],
  ['an unknown key', { timeOut: 5 }, 'options.timeOut', 'did you mean `timeout`'],
  ['an option of spawn', { priority: 5 }, 'options.priority', 'omitted'],
  ['channels that are a list', { channels: ['billing'] }, 'options.channels', 'an object'],
  ['a header name alone', { redactHeaders: 'x-token' }, 'options.redactHeaders', 'a list of header names'],
  ['a notify that is no yes or no', { notify: 1 }, 'options.notify', 'true or false'],
  [
    'a retention that is a text',
    { retention: '7d' },
    'options.retention',
    "such as { delivered: '7d', failed: '90d' }",
  ],
  ['an unknown key of retention', { retention: { deliverd: '7d' } }, 'options.retention.deliverd', '`delivered`'],
  ['no duration', { retention: { failed: '7 days' } }, 'options.retention.failed', "'7d'"],
  ['a duration of null', { retention: { cancelled: null } }, 'options.retention.cancelled', 'got null'],
  ['half a millisecond', { retention: { bodies: 99_999.5 } }, 'options.retention.bodies', 'a whole number'],
  ['less than a minute', { retention: { bodies: '59s' } }, 'options.retention.bodies', 'from 1 minute'],
  ['more than a century', { retention: { delivered: '36501d' } }, 'options.retention.delivered', '100 years'],
  ['a breaker that is true', { breaker: true }, 'options.breaker', 'or false'],
  ['an unknown key of breaker', { breaker: { rate: 1 } }, 'options.breaker.rate', 'omitted'],
  ['a breaker that nothing closes', { breaker: { failureRate: 0 } }, 'options.breaker.failureRate', 'above 0'],
  ['more failures than requests', { breaker: { failureRate: 50 } }, 'options.breaker.failureRate', 'up to 1'],
  ['a failure rate as text', { breaker: { failureRate: '50%' } }, 'options.breaker.failureRate', 'got "50%"'],
  ['no requests', { breaker: { minRequests: 0 } }, 'options.breaker.minRequests', 'from 1 to 1000000'],
  ['no window', { breaker: { window: 0 } }, 'options.breaker.window', 'from 1 ms to 1 day'],
  ['no time to wait', { breaker: { openFor: null } }, 'options.breaker.openFor', 'got null'],
  ['longer than a day', { breaker: { maxOpenFor: 1e9 } }, 'options.breaker.maxOpenFor', 'to 1 day'],
  [
    'a breaker that is open for longer than it may be',
    { breaker: { openFor: 300_000 } },
    'options.breaker.openFor',
    'at most `maxOpenFor`, which is 1m',
  ],
  ['no header name', { redactHeaders: [''] }, 'options.redactHeaders[0]', 'a text'],
  ['an unknown key of backoff', { retry: { backoff: { first: 5 } } }, 'options.retry.backoff.first', 'omitted'],
  ...Object.entries({
    timeoutMs: 'timeout',
    expiresAfterMs: 'expiresAfter',
    maxAttempts: 'retry.maxAttempts',
    maxatempts: 'retry.maxAttempts',
    backoff: 'retry.backoff',
    onStatus: 'retry.onStatus',
    redirect: 'maxRedirects',
  }).map(([old, name]): [string, unknown, string, string] => [
    `the name ${old}`,
    { [old]: 5 },
    `options.${old}`,
    `did you mean \`${name}\`?`,
  ]),
  ...Object.entries({ windowMs: 'window', openMs: 'openFor', maxOpenMs: 'maxOpenFor' }).map(
    ([old, name]): [string, unknown, string, string] => [
      `the name breaker.${old}`,
      { breaker: { [old]: 5 } },
      `options.breaker.${old}`,
      `did you mean \`${name}\`?`,
    ],
  ),
  ...Object.entries({ baseMs: 'base', maxMs: 'max', delaysMs: 'delays' }).map(
    ([old, name]): [string, unknown, string, string] => [
      `the name backoff.${old}`,
      { retry: { backoff: { [old]: 5 } } },
      `options.retry.backoff.${old}`,
      `did you mean \`${name}\`?`,
    ],
  ),
  ['an unknown key of network', { network: { denny: ['10.0.0.1'] } }, 'options.network.denny', '`deny`'],
  ['a network that is null', { network: null }, 'options.network', 'an object'],
  ['a network that is a list', { network: ['10.0.0.1'] }, 'options.network', 'an object'],
  ['a backoff that is a number', { retry: { backoff: 5 } }, 'options.retry.backoff', 'an object'],
  ['redirects as an object', { maxRedirects: { max: 5 } }, 'options.maxRedirects', 'from 0 to 20'],
  ['too many redirects', { maxRedirects: 21 }, 'options.maxRedirects', 'from 0 to 20'],
  ['a retry that is a number', { retry: 5 }, 'options.retry', 'an object'],
  ['a retry of null', { retry: null }, 'options.retry', 'got null'],
  ['an unknown key of retry', { retry: { maxAttempt: 5 } }, 'options.retry.maxAttempt', '`maxAttempts`'],
  ['an accept that is a text', { accept: '2xx' }, 'options.accept', 'a list'],
  ['an empty accept', { accept: [] }, 'options.accept', 'at least one status'],
  ['a senseless accept rule', { accept: [404, '1xx'] }, 'options.accept[1]', 'a final status'],
  ['a hole in accept', { accept: WITH_A_HOLE }, 'options.accept[1]', 'got nothing'],
  ['no time', { timeout: 0 }, 'options.timeout', 'from 1 ms to 1 day'],
  ['more than a day', { timeout: 86_400_001 }, 'options.timeout', 'from 1 ms to 1 day'],
  ['a timeout of null', { timeout: null }, 'options.timeout', 'got null'],
  ['no attempts', { retry: { maxAttempts: 0 } }, 'options.retry.maxAttempts', 'from 1 to 2147483647, or Infinity'],
  ['attempts of null', { retry: { maxAttempts: null } }, 'options.retry.maxAttempts', 'got null'],
  ['a fraction of an attempt', { retry: { maxAttempts: 1.5 } }, 'options.retry.maxAttempts', 'got 1.5'],
  ['an expiry at once', { expiresAfter: 0 }, 'options.expiresAfter', 'from 1 ms to'],
  ['an expiry beyond all dates', { expiresAfter: 1e15 }, 'options.expiresAfter', 'to 100 years'],
  ['a negative wait', { retry: { backoff: { base: -1 } } }, 'options.retry.backoff.base', 'from 0 ms'],
  ['a huge wait', { retry: { backoff: { max: 1e10 } } }, 'options.retry.backoff.max', 'to 24 days'],
  ['a shrinking wait', { retry: { backoff: { factor: 0.5 } } }, 'options.retry.backoff.factor', 'from 1 to 1000'],
  ['a factor of NaN', { retry: { backoff: { factor: Number.NaN } } }, 'options.retry.backoff.factor', 'got NaN'],
  [
    'a factor that explodes',
    { retry: { backoff: { factor: 1001 } } },
    'options.retry.backoff.factor',
    'from 1 to 1000',
  ],
  [
    'waits that are no list',
    { retry: { backoff: { delays: 5 } } },
    'options.retry.backoff.delays',
    'a list of at most 100',
  ],
  [
    'too many waits',
    { retry: { backoff: { delays: Array(101).fill(1) } } },
    'options.retry.backoff.delays',
    'at most 100',
  ],
  ['a wait that is none', { retry: { backoff: { delays: [5, -1] } } }, 'options.retry.backoff.delays[1]', 'from 0 ms'],
  [
    'waits that grow as well',
    { retry: { backoff: { delays: [5], base: 5 } } },
    'options.retry.backoff.delays',
    'omitted when',
  ],
  ['rules that are a text', { retry: { onStatus: '4xx' } }, 'options.retry.onStatus', 'an object such as'],
  [
    'a rule that names nothing',
    { retry: { onStatus: { '6xx': 'fail' } } },
    'options.retry.onStatus["6xx"]',
    'a final status',
  ],
  ['an unknown action', { retry: { onStatus: { 410: 'die' } } }, "options.retry.onStatus['410']", "'retry', 'fail' or"],
  [
    'a rule that meets one of the preset half',
    { preset: 'api', retry: { onStatus: { '450-550': 'fail' } } },
    "options.retry.onStatus['450-550']",
    "within '4xx'",
  ],
  ['an unknown preset', { preset: 'webhooks' }, 'options.preset', "'webhook', 'api'"],
  ['a preset of null', { preset: null }, 'options.preset', 'got null'],
  ['a decide that is no function', { channels: { a: { decide: 'fail' } } }, 'options.channels.a.decide', 'a function'],
  [
    'an unknown jitter',
    { retry: { backoff: { jitter: 'some' } } },
    'options.retry.backoff.jitter',
    "'full', 'equal', 'none'",
  ],
  ['a negative body limit', { maxBodyBytes: -1 }, 'options.maxBodyBytes', 'from 0'],
  ['a response limit as text', { maxResponseBytes: '64k' }, 'options.maxResponseBytes', 'got "64k"'],
])('options of an instance are refused: %s', (_, options, field, message) => {
  let thrown: unknown
  try {
    resolveOptions(options as RequeuestOptions)
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(InvalidInputError)
  expect(thrown).toMatchObject({ code: 'invalid_input', field })
  expect((thrown as Error).message).toContain(message)
})

const base = resolveOptions({
  accept: ['4xx'],
  retry: { backoff: { base: 7, factor: 3, max: 70, jitter: 'none' }, maxAttempts: 9 },
  timeout: 77,
  expiresAfter: 777,
  maxRedirects: 2,
}).policy

test.each([
  ['a number', 5, 5],
  ['without end', Number.POSITIVE_INFINITY, 2_147_483_647],
])('a policy takes as many attempts as it says: %s', (_, maxAttempts, stored) => {
  expect(resolvePolicy({ retry: { maxAttempts } }, base).retry).toEqual({ ...base.retry, maxAttempts: stored })
})

test('a policy adds its rules by status to those that are there', () => {
  const withRules = resolvePolicy({ retry: { onStatus: { 410: 'fail' } } }, base)
  const both = resolvePolicy({ retry: { onStatus: { 429: { base: '1m' } } } }, withRules)
  expect(both).toEqual({ ...base, onStatus: { 410: 'fail', 429: { base: '1m' } } })
})

test('a policy that says nothing is the one it builds on', () => {
  expect(resolvePolicy({}, base)).toEqual(base)
})

test('a policy changes a part of the backoff alone', () => {
  expect(resolvePolicy({ retry: { backoff: { max: 5 } } }, base)).toEqual({
    ...base,
    retry: { ...base.retry, maxMs: 5 },
  })
})

test('a policy replaces the accept set as a whole', () => {
  expect(resolvePolicy({ accept: ['2xx'] }, base)).toEqual({ ...base, accept: ['2xx'] })
})

test('a policy can take back that redirects are followed', () => {
  expect(resolvePolicy({ maxRedirects: 0 }, base)).toEqual({ ...base, maxRedirects: 0 })
})
