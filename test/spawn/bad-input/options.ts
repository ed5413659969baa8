import { type BadOptions, SECRET } from './row.ts'

const rows = (field: string, message: string, values: unknown[]): BadOptions[] =>
  values.map((value) => [`${field} ${display(value)}`, { [field]: value }, `options.${field}`, message])

function display(value: unknown): string {
  return typeof value === 'bigint' || typeof value === 'number'
    ? String(value)
    : (JSON.stringify(value) ?? typeof value)
}

const NOT_NUMBERS = [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e300, '5', 5n, null, [5], {}]

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

export const BAD_OPTIONS: BadOptions[] = [
  ['null as options', null, 'options', 'an object, got null.'],
  ['a number as options', 5, 'options', 'an object, got 5.'],
  ['a text as options', `https://u:${SECRET}@h/?a=${SECRET}`, 'options', 'an object, got "https://(hidden)@h/'],
  ['a list as options', [SECRET], 'options', 'an object, got a list.'],
  ['a misspelt option', { prioritty: 5 }, 'options.prioritty', 'did you mean `priority`?'],
  ['an option in another case', { maxattempts: 5 }, 'options.maxattempts', 'did you mean `maxAttempts`?'],
  ['an unknown option', { cron: '* * * * *' }, 'options.cron', 'it knows `tx`, `id`, `priority`'],
  ['a request among the options', { headers: { cookie: SECRET } }, 'options.headers', 'got an object'],
  ['an option of the instance', { maxBodyBytes: 5 }, 'options.maxBodyBytes', 'left out'],
  ...rows('priority', 'a whole number from 0 to 9', [10, ...NOT_NUMBERS]),
  ...rows('delayMs', 'a whole number from 0 to 3153600000000', NOT_NUMBERS),
  ...rows('timeoutMs', 'a whole number from 1 to 86400000', [0, 86_400_001, ...NOT_NUMBERS]),
  ...rows('expiresAfterMs', 'a whole number from 1 to 3153600000000', [0, ...NOT_NUMBERS]),
  ...rows('dedupeForMs', 'a whole number from 1 to 3153600000000', [0, ...NOT_NUMBERS]),
  ...rows('onDuplicate', "one of 'keep', 'replace', 'error'", ['skip', '', null, 5, true]),
  ...rows('maxAttempts', 'a whole number from 1 to 2147483647', [0, 2_147_483_648, ...NOT_NUMBERS]),
  ...rows('runAt', 'a valid Date', [new Date(Number.NaN), new Date(-1), 0, 1e12, '2030-01-01', null, {}]),
  ...rows('expiresAt', 'a valid Date', [new Date(Number.NaN), new Date(-1), 0, 1e12, '2030-01-01', null, {}]),
  ...rows('accept', 'a list of at least one status', [[], '2xx', 404, null, {}, new Set(['2xx'])]),
  ...ACCEPT_RULES.map(
    (rule): BadOptions => [`accept ${display(rule)}`, { accept: ['2xx', rule] }, 'options.accept[1]', 'a final status'],
  ),
  ['a hole in accept', { accept: new Array(2) }, 'options.accept[0]', 'got nothing'],
  ['delayMs and runAt', { delayMs: 0, runAt: new Date() }, 'options.delayMs', 'left out when `runAt` is given'],
  [
    'expiresAfterMs and expiresAt',
    { expiresAfterMs: 5, expiresAt: new Date() },
    'options.expiresAfterMs',
    'left out when `expiresAt` is given',
  ],
  ...rows('backoff', 'an object', [5, null, 'full', []]),
  ['an unknown key of backoff', { backoff: { jiter: 'none' } }, 'options.backoff.jiter', 'did you mean `jitter`?'],
  ['a jitter', { backoff: { jitter: 'x' } }, 'options.backoff.jitter', "one of 'full', 'equal', 'none', got \"x\"."],
  ['a negative base', { backoff: { baseMs: -1 } }, 'options.backoff.baseMs', 'from 0 to 2147483647'],
  ['a huge maximum', { backoff: { maxMs: 2_147_483_648 } }, 'options.backoff.maxMs', 'from 0 to 2147483647'],
  ['a factor of 0', { backoff: { factor: 0 } }, 'options.backoff.factor', 'a number from 1 to 1000'],
  ['a factor of NaN', { backoff: { factor: Number.NaN } }, 'options.backoff.factor', 'a number from 1 to 1000'],
  ['a factor as text', { backoff: { factor: '2' } }, 'options.backoff.factor', 'a number from 1 to 1000'],
  ...rows('redirect', 'an object', [true, 5, null, 'follow']),
  ['a redirect without max', { redirect: {} }, 'options.redirect.max', 'from 0 to 20'],
  ['too many redirects', { redirect: { max: 21 } }, 'options.redirect.max', 'from 0 to 20'],
  ['an order as text', { order: 'foo' }, 'options.order', '\'channel\' or { key }, got "foo".'],
  ['an order of null', { order: null }, 'options.order', 'got null'],
  ['an order without key', { order: {} }, 'options.order.key', 'a text of 1 to 200 characters'],
  ['an unknown key of order', { order: { key: 'a', channel: 'b' } }, 'options.order.channel', 'left out'],
  ['an empty order key', { order: { key: '' } }, 'options.order.key', 'a text of 1 to 200 characters'],
  ['an order key of 201 characters', { order: { key: 'k'.repeat(201) } }, 'options.order.key', '(201 characters)'],
  ['an order key with NUL', { order: { key: 'a\0' } }, 'options.order.key', 'got "a\\u0000".'],
  ['an order key with half a surrogate pair', { order: { key: '\ud83d' } }, 'options.order.key', 'surrogate pair'],
  ['an order key that is a number', { order: { key: 7 } }, 'options.order.key', 'got 7'],
  ['afterFailure without order', { afterFailure: 'hold' }, 'options.afterFailure', '`order` given'],
  ['an afterFailure', { order: 'channel', afterFailure: 'stop' }, 'options.afterFailure', "'continue', 'hold'"],
  ['an afterFailure of null', { order: 'channel', afterFailure: null }, 'options.afterFailure', 'got null'],
]
