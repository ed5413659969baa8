import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describe as describeValue, Hidden, hidden, isRequeuestError, reasonOf, redactUrl } from '../src/errors.ts'
import {
  InvalidInputError,
  RequestCancelledError,
  RequestFailedError,
  RequeuestError,
  WaitTimeoutError,
} from '../src/index.ts'
import { failureKind, failureMessage } from '../src/net/failure.ts'
import { errorName } from '../src/runtime/thrown.ts'
import { HOSTILE } from './support/hostile.ts'

const ID = '019ab000-0000-7000-8000-000000000000'

test.each([
  [new InvalidInputError('options.priority', 10, 'a whole number from 0 to 9'), 'InvalidInputError', 'invalid_input'],
  [new RequestFailedError(ID, 'expired', 3, 'status 503'), 'RequestFailedError', 'request_failed'],
  [new RequestCancelledError(ID), 'RequestCancelledError', 'request_cancelled'],
  [new WaitTimeoutError(ID, 50), 'WaitTimeoutError', 'wait_timeout'],
  [new RequeuestError('database_error', 'gone'), 'RequeuestError', 'database_error'],
])('every error is an Error and a RequeuestError with a name and a code (%#)', (error, name, code) => {
  expect(error).toBeInstanceOf(Error)
  expect(error).toBeInstanceOf(RequeuestError)
  expect(error).toMatchObject({ name, code })
  expect(String(error)).toMatch(new RegExp(`^${name}: `))
})

test('every error of bad input names field, expectation and value in a sentence', () => {
  const error = new InvalidInputError('options.priority', 10, 'a whole number from 0 to 9')
  expect(error.message).toBe('options.priority must be a whole number from 0 to 9, got 10.')
  expect(error.field).toBe('options.priority')
})

test('every error of a request names it, and says why it was given up', () => {
  const error = new RequestFailedError(ID, 'attempts_exhausted', 3, 'status 503')
  expect(error).toMatchObject({ requestId: ID, failureCode: 'attempts_exhausted' })
  expect(error.message).toBe(
    `Request ${ID} failed (attempts_exhausted) after 3 attempts, the last one with status 503.`,
  )
  expect(new RequestFailedError(ID, 'expired', 0, null).message).toBe(
    `Request ${ID} failed (expired) after 0 attempts.`,
  )
  expect(new RequestCancelledError(ID)).toMatchObject({ requestId: ID })
  expect(new WaitTimeoutError(ID, 50)).toMatchObject({ requestId: ID })
  expect(new WaitTimeoutError(ID, 50).message).toContain('50 ms')
})

test.each<[unknown, string]>([
  ['text', '"text"'],
  ['', '""'],
  ['a\0b\nc', '"a\\u0000b\\nc"'],
  ['\ud83d', '"\\ud83d"'],
  [5, '5'],
  [-0.5, '-0.5'],
  [Number.NaN, 'NaN'],
  [true, 'true'],
  [undefined, 'nothing'],
  [null, 'null'],
  [() => 'secret', 'a function'],
  [Symbol('secret'), 'a symbol'],
  [[], 'an empty list'],
  [['secret'], 'a list'],
  [{ authorization: 'secret' }, 'an object'],
  [new Map([['a', 'secret']]), 'an object'],
  [Object.create(null), 'an object'],
  [Promise.resolve('secret'), 'a promise'],
  [new Date(Number.NaN), 'an invalid Date'],
  [new Date(0), '1970-01-01T00:00:00.000Z'],
  [Buffer.from('secret'), '6 bytes'],
  [new ArrayBuffer(6), '6 bytes'],
  [new Hidden('a surprise'), 'a surprise'],
  [hidden('secret'), 'a text of 6 characters'],
  [hidden(5), 'a number'],
  [hidden(['secret']), 'a list'],
])('a value in a message is shown as what it is, and objects by their kind (%#)', (value, shown) => {
  expect(describeValue(value)).toBe(shown)
})

test('a value in a message that is a bigint is told from a number', () => {
  expect(describeValue(5n)).toBe('5n')
  expect(describeValue(10n ** 5000n).length).toBeLessThan(90)
})

test.each([['x'.repeat(10_000)], ['\0'.repeat(10_000)], ['😀'.repeat(10_000)]])(
  'a value in a message is shortened (%#)',
  (text) => {
    const shown = describeValue(text)
    expect(shown.length).toBeLessThan(120)
    expect(shown).toContain(`(${text.length} characters)`)
    expect(shown.isWellFormed()).toBe(true)
  },
)

test('a value in a message may be anything at all', () => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  for (const hostile of [
    proxy,
    { toJSON: () => Promise.reject() },
    {
      get [Symbol.toStringTag]() {
        throw new Error('hostile')
      },
    },
  ]) {
    expect(describeValue(hostile)).toBe('an object')
    expect(describeValue(hidden(hostile))).toBe('an object')
  }
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }), (value) => {
      expect(describeValue(value).length).toBeLessThan(130)
    }),
  )
})

test.each<[unknown, string]>([
  [new Error('it broke'), 'it broke'],
  [new Error('two\n  lines\0'), 'two lines '],
  [new Error('GET http://u:pw@host/?token=abc failed'), 'GET http://(hidden)@host/?token=(hidden) failed'],
  ['text', '"text"'],
  [undefined, 'nothing'],
  [null, 'null'],
  [{ message: 'no Error' }, 'an object'],
  [Object.create(null), 'an object'],
])('what was thrown, in a message is one line of its message or its kind (%#)', (thrown, expected) => {
  expect(reasonOf(thrown)).toBe(expected)
})

test('what was thrown, in a message is shortened', () => {
  expect(reasonOf(new Error('long '.repeat(1000))).length).toBeLessThan(170)
})

test.each([
  ['the password', 'see https://user:pw@host/path', 'see https://(hidden)@host/path'],
  ['a user without password', 'https://token@host/', 'https://(hidden)@host/'],
  ['a password with an at sign', 'https://user:p@w@host/', 'https://(hidden)@host/'],
  ['a password with a slash', 'https://user:p/w@host/', 'https://(hidden)@host/'],
  ['a password with a question mark', 'https://user:p?w@host/', 'https://(hidden)@host/'],
  ['the values of a query', 'https://host/?a=1&token=abc#top', 'https://host/?a=(hidden)&token=(hidden)#top'],
  ['the values of a fragment', 'https://host/#access_token=abc', 'https://host/#access_token=(hidden)'],
  ['all of that, each URL for itself', 'http://a:b@c http://d/?e=f', 'http://(hidden)@c http://d/?e=(hidden)'],
  ['nothing else', 'https://host:8080/path/a?b', 'https://host:8080/path/a?b'],
])('URLs in a text lose %s', (_, text, expected) => {
  expect(redactUrl(text)).toBe(expected)
})

test('URLs in a text lose their secrets in time that grows with the length alone', () => {
  for (const piece of ['?', '//', '//:', '//a:', '@', '?a=', '//@', 'a']) {
    const startedAt = performance.now()
    redactUrl(piece.repeat(40_000))
    expect(performance.now() - startedAt).toBeLessThan(2000)
  }
})

describe.each(Object.entries(HOSTILE))('when %s was thrown', (_, make) => {
  test('it can be told in a line, which Postgres can hold', () => {
    for (const text of [reasonOf(make()), describeValue(make()), failureMessage(make()), errorName(make())]) {
      expect(text).toMatch(/^[^\p{Cc}]{1,500}$/u)
      expect(text.isWellFormed()).toBe(true)
    }
  })

  test('it is sorted among the failures', () => {
    expect(failureKind(make())).toBe('network_error')
  })

  test('it is not taken for an error of this library', () => {
    expect(isRequeuestError(make())).toBe(false)
  })
})

test('what pretends to be an error of this library is none', () => {
  const pretender = new Proxy({}, { getPrototypeOf: () => RequeuestError.prototype })
  expect(pretender).toBeInstanceOf(RequeuestError)
  expect(isRequeuestError(pretender)).toBe(false)
  expect(isRequeuestError(new RequeuestError('database_error', 'gone'))).toBe(true)
})

test('whatever an error has for a message, a name, a code, a cause and errors, it can be told', () => {
  // Made in the property: fast-check looks at values itself.
  const value = fc.oneof(
    fc.anything().map((plain) => () => plain),
    fc.constantFrom(...Object.values(HOSTILE)),
  )
  const property = fc.tuple(value, fc.boolean())
  const properties = fc.dictionary(fc.constantFrom('message', 'name', 'code', 'cause', 'errors'), property)
  const base = fc.constantFrom(
    () => new Error('it broke'),
    () => new AggregateError([]),
    () => ({}),
  )
  fc.assert(
    fc.property(base, properties, (make, given) => {
      const thrown = make()
      for (const [name, [value, throws]] of Object.entries(given)) {
        const get = () => {
          throw value()
        }
        Object.defineProperty(thrown, name, throws ? { get } : { value: value() })
      }
      expect(typeof reasonOf(thrown)).toBe('string')
      expect(typeof failureMessage(thrown)).toBe('string')
      expect(typeof failureKind(thrown)).toBe('string')
      expect(errorName(thrown)).toMatch(/^[\w ]+$/)
    }),
  )
})

test('an error of another realm, and one that stands for several, are told by their messages', () => {
  expect(reasonOf(HOSTILE['an error of another realm']?.())).toBe('it broke elsewhere')
  expect(reasonOf(new AggregateError([new Error('one'), new Error('two')]))).toBe('one; two')
  expect(reasonOf(new TypeError())).toBe('TypeError')
})
