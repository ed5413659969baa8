import { type BadOptions, SECRET } from './row.ts'

const rows = (field: string, message: string, values: unknown[]): BadOptions[] =>
  values.map((value) => [`${field} ${display(value)}`, { [field]: value }, `options.${field}`, message])

function display(value: unknown): string {
  return typeof value === 'bigint' || typeof value === 'number'
    ? String(value)
    : (JSON.stringify(value) ?? typeof value)
}

const NOT_NUMBERS = [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e300, '5', 5n, null, [5], {}]
const NOT_DURATIONS = [...NOT_NUMBERS, '', '7 days', '-1s', '1.5ms', '1e3s', ' 5s', '5S', 'PT5S', '36501d']

/** The same of an option within another one. */
const within = (outer: string, name: string, message: string, values: unknown[]): BadOptions[] =>
  values.map((value) => [
    `${outer}.${name} ${display(value)}`,
    { [outer]: { [name]: value } },
    `options.${outer}.${name}`,
    message,
  ])

const ACCEPT_RULES = [
  'abc',
  '',
  '1xx',
  '6xx',
  '600-500',
  '100-200',
  '2XX',
  99,
  1000,
  404.5,
  Number.NaN,
  null,
  404n,
  ['2xx'],
]

const backoff = (of: object) => ({ retry: { backoff: of } })

/** Names that one may know from elsewhere, in any case or misspelt by a letter, and where the option is. */
const RENAMED = Object.entries({
  timeoutMs: 'timeout',
  expiresAfterMs: 'expiresAfter',
  delayMs: 'delay',
  maxAttempts: 'retry.maxAttempts',
  maxattempt: 'retry.maxAttempts',
  backoff: 'retry.backoff',
  onStatus: 'retry.onStatus',
  redirect: 'maxRedirects',
  dedupeKey: 'dedupe.key',
  dedupekey: 'dedupe.key',
  dedupeFor: 'dedupe.for',
  dedupeForMs: 'dedupe.for',
  onDuplicate: 'dedupe.onDuplicate',
  afterFailure: 'order.afterFailure',
}).map(
  ([old, name]): BadOptions => [`the name ${old}`, { [old]: SECRET }, `options.${old}`, `did you mean \`${name}\`?`],
)

export const BAD_OPTIONS: BadOptions[] = [
  ['null as options', null, 'options', 'an object, got null.'],
  ['a number as options', 5, 'options', 'an object, got 5.'],
  ['a text as options', `https://u:${SECRET}@h/?a=${SECRET}`, 'options', 'an object, got "https://(hidden)@h/'],
  ['a list as options', [SECRET], 'options', 'an object, got a list.'],
  ['a misspelt option', { prioritty: 5 }, 'options.prioritty', 'did you mean `priority`?'],
  ['an option in another case', { maxredirects: 5 }, 'options.maxredirects', 'did you mean `maxRedirects`?'],
  ['an unknown option', { cron: '* * * * *' }, 'options.cron', '`id`, `priority`, `order`'],
  ['a request among the options', { headers: { cookie: SECRET } }, 'options.headers', 'got an object'],
  ['an option of the instance', { maxBodyBytes: 5 }, 'options.maxBodyBytes', 'omitted'],
  ...rows('priority', 'a whole number from 0 to 9', [10, ...NOT_NUMBERS]),
  ...rows('delay', 'a duration from 0 ms to 100 years', NOT_DURATIONS),
  ...rows('timeout', 'a duration from 1 ms to 1 day', [0, '0s', 86_400_001, '25h', ...NOT_DURATIONS]),
  ...rows('expiresAfter', 'a duration from 1 ms to 100 years', [0, '0d', ...NOT_DURATIONS]),
  ...within('dedupe', 'for', 'a duration from 1 ms to 100 years', [0, '0d', ...NOT_DURATIONS]),
  ...within('dedupe', 'onDuplicate', "one of 'keep', 'replace', 'error'", ['skip', '', null, 5, true]),
  ...rows('dedupe', 'an object', [true, 5, null, 'key', []]),
  ['an unknown key of dedupe', { dedupe: { until: '7d' } }, 'options.dedupe.until', 'omitted'],
  ...within(
    'retry',
    'maxAttempts',
    'a whole number from 1 to 2147483647, or Infinity',
    [0, 2_147_483_648, Number.NEGATIVE_INFINITY, ...NOT_NUMBERS].filter((value) => value !== Number.POSITIVE_INFINITY),
  ),
  ...rows('retry', 'an object', [true, 5, null, 'never', []]),
  [
    'an unknown key of retry',
    { retry: { jitter: 'none' } },
    'options.retry.jitter',
    'it knows `maxAttempts`, `backoff`',
  ],
  ...RENAMED,
  ...rows('runAt', 'a valid Date', [new Date(Number.NaN), new Date(-1), 0, 1e12, '2030-01-01', null, {}]),
  ...rows('expiresAt', 'a valid Date', [new Date(Number.NaN), new Date(-1), 0, 1e12, '2030-01-01', null, {}]),
  ...rows('accept', 'a list of at least one status', [[], '2xx', 404, null, {}, new Set(['2xx'])]),
  ...ACCEPT_RULES.map(
    (rule): BadOptions => [`accept ${display(rule)}`, { accept: ['2xx', rule] }, 'options.accept[1]', 'a final status'],
  ),
  ['a hole in accept', { accept: new Array(2) }, 'options.accept[0]', 'got nothing'],
  ['delay and runAt', { delay: 0, runAt: new Date() }, 'options.delay', 'omitted when `runAt` is given'],
  [
    'expiresAfter and expiresAt',
    { expiresAfter: 5, expiresAt: new Date() },
    'options.expiresAfter',
    'omitted when `expiresAt` is given',
  ],
  ...within('retry', 'backoff', 'an object', [5, null, 'full', []]),
  ['an unknown key of backoff', backoff({ jiter: 'none' }), 'options.retry.backoff.jiter', 'did you mean `jitter`?'],
  ['a jitter', backoff({ jitter: 'x' }), 'options.retry.backoff.jitter', "one of 'full', 'equal', 'none', got \"x\"."],
  ['a negative base', backoff({ base: -1 }), 'options.retry.backoff.base', 'from 0 ms to 24 days'],
  ['a huge maximum', backoff({ max: '25d' }), 'options.retry.backoff.max', 'from 0 ms to 24 days'],
  ['a factor of 0', backoff({ factor: 0 }), 'options.retry.backoff.factor', 'a number from 1 to 1000'],
  ['a factor of NaN', backoff({ factor: Number.NaN }), 'options.retry.backoff.factor', 'a number from 1 to 1000'],
  ['a factor as text', backoff({ factor: '2' }), 'options.retry.backoff.factor', 'a number from 1 to 1000'],
  [
    'waits that are no list',
    backoff({ delays: '5s' }),
    'options.retry.backoff.delays',
    'a list of at most 100 durations',
  ],
  ['a wait that is none', backoff({ delays: ['5s', '5 s'] }), 'options.retry.backoff.delays[1]', 'got "5 s"'],
  ...rows('maxRedirects', 'a whole number from 0 to 20', [21, true, 'follow', ...NOT_NUMBERS]),
  ['an order as text', { order: 'foo' }, 'options.order', '\'channel\', { key } or { channel: true }, got "foo".'],
  ['an order of null', { order: null }, 'options.order', 'got null'],
  ['an order without key', { order: {} }, 'options.order.key', 'a text of 1 to 200 characters'],
  ['an order of two lines', { order: { key: 'a', channel: true } }, 'options.order.channel', 'omitted when `key` is'],
  ['an order of a channel by name', { order: { channel: 'b' } }, 'options.order.channel', 'true, which is the line'],
  ['an order of no channel', { order: { channel: false } }, 'options.order.channel', 'got false'],
  ['an unknown key of order', { order: { key: 'a', line: 'b' } }, 'options.order.line', 'omitted'],
  ['an empty order key', { order: { key: '' } }, 'options.order.key', 'a text of 1 to 200 characters'],
  ['an order key of 201 characters', { order: { key: 'k'.repeat(201) } }, 'options.order.key', '(201 characters)'],
  ['an order key with NUL', { order: { key: 'a\0' } }, 'options.order.key', 'got "a\\u0000".'],
  ['an order key with half a surrogate pair', { order: { key: '\ud83d' } }, 'options.order.key', 'surrogate pair'],
  ['an order key that is a number', { order: { key: 7 } }, 'options.order.key', 'got 7'],
  ['an afterFailure without a line', { order: { afterFailure: 'hold' } }, 'options.order.key', 'got nothing'],
  ...['stop', null, true].map(
    (afterFailure): BadOptions => [
      `an afterFailure ${display(afterFailure)}`,
      { order: { channel: true, afterFailure } },
      'options.order.afterFailure',
      "'continue', 'hold'",
    ],
  ),
]
