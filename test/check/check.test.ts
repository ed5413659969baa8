import { expect, test } from 'vitest'
import { checkDate, checkInteger, checkKeys, checkObject, checkOneOf, checkText } from '../../src/check/check.ts'
import { InvalidInputError } from '../../src/errors.ts'

/** The message of the refusal; a test whose input is let through fails here. */
function refusal(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidInputError)
    return (error as Error).message
  }
  throw new Error('nothing was refused')
}

const KNOWN = ['tx', 'id', 'priority', 'expiresAt', 'expiresAfter', 'timeout', 'runAt', 'accept', 'retry', 'dedupe']

test('keys that are known pass', () => {
  expect(() => checkKeys('options', { tx: 1, accept: 2 }, KNOWN)).not.toThrow()
  expect(() => checkKeys('options', {}, KNOWN)).not.toThrow()
})

test.each([
  ['priorty', 'priority'],
  ['Priority', 'priority'],
  ['timeoutms', 'timeout'],
  ['timeot', 'timeout'],
  ['expiresAfterMs', 'expiresAfter'],
  ['maxAttempts', 'retry.maxAttempts'],
  ['maxattempt', 'retry.maxAttempts'],
  ['dedupeForMs', 'dedupe.for'],
  ['DedupeKey', 'dedupe.key'],
  ['afterFailure', undefined],
  ['openMs', undefined],
  ['expireAt', 'expiresAt'],
  ['runat', 'runAt'],
  ['acept', 'accept'],
  ['di', undefined],
  ['idd', 'id'],
  ['retries', undefined],
  ['x', undefined],
  ['foo', undefined],
])('keys that are unknown are refused: %s suggests %s', (key, suggestion) => {
  const message = refusal(() => checkKeys('options', { [key]: 1 }, KNOWN))
  expect(message).toContain(`options.${key} must be omitted`)
  if (suggestion) expect(message).toContain(`did you mean \`${suggestion}\`?`)
  else expect(message).toContain('it knows `tx`, `id`, `priority`')
})

test('keys that are a megabyte long are refused at once', () => {
  const known = Array.from({ length: 400 }, (_, index) => `option${index}`)
  const startedAt = performance.now()
  for (const key of ['k', 'option', 'O']) {
    expect(refusal(() => checkKeys('options', { [key.repeat(1_000_000)]: 1 }, known))).toContain('must be omitted')
  }
  expect(performance.now() - startedAt).toBeLessThan(1000)
})

test('keys suggest the nearest name, not the first one that is near', () => {
  expect(refusal(() => checkKeys('o', { maxMs: 1 }, ['makMz', 'maxM']))).toContain('`maxM`')
})

test('keys that are unknown do not show what they hold', () => {
  expect(refusal(() => checkKeys('request', { haeders: 'Bearer abc' }, ['headers']))).not.toContain('Bearer')
})

test('keys that are long or unreadable are shown shortened and escaped', () => {
  const message = refusal(() => checkKeys('options', { [`\0${'k'.repeat(10_000)}`]: 1 }, ['id']))
  expect(message.length).toBeLessThan(250)
  expect(message).toContain('options.\\u0000kkk')
})

test.each([[1], [5], [10]])('a whole number %d within the bounds passes', (value) => {
  expect(checkInteger('n', value, 1, 10)).toBe(value)
})

test.each([
  [0, '0'],
  [11, '11'],
  [-1, '-1'],
  [1.5, '1.5'],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, 'Infinity'],
  [1e300, '1e+300'],
  ['5', '"5"'],
  [5n, '5n'],
  [null, 'null'],
  [undefined, 'nothing'],
  [[5], 'a list'],
  [{}, 'an object'],
])('a whole number %s does not', (value, shown) => {
  expect(refusal(() => checkInteger('n', value, 1, 10))).toBe(`n must be a whole number from 1 to 10, got ${shown}.`)
})

test('a choice must be one of its names', () => {
  expect(checkOneOf('jitter', 'full', ['full', 'none'])).toBe('full')
  for (const value of ['Full', '', 0, null, ['full']]) {
    expect(refusal(() => checkOneOf('jitter', value, ['full', 'none']))).toContain(
      "jitter must be one of 'full', 'none'",
    )
  }
})

test('an object is neither null nor a list nor anything that is not an object', () => {
  expect(() => checkObject('options', {})).not.toThrow()
  for (const value of [null, undefined, [], 'text', 5, () => {}]) {
    expect(refusal(() => checkObject('options', value))).toContain('options must be an object, got ')
  }
})

test.each([['a'], ['a'.repeat(200)], ['😀'], ['line\nbreak'], ['\u00e9']])('a text %j passes', (value) => {
  expect(checkText('channel', value, 200)).toBe(value)
})

test.each([[''], ['a'.repeat(201)], ['a\0b'], ['\ud83d'], ['\ude00\ud83d'], [5], [null], [undefined], [['a']], [{}]])(
  'a text %j does not',
  (value) => {
    expect(refusal(() => checkText('channel', value, 200))).toContain('channel must be a text of 1 to 200 characters')
  },
)

test.each([[0], [1], [Date.UTC(2026, 10, 24)], [Date.UTC(10_000, 0) - 1]])('a moment %d ms after 1970 passes', (ms) => {
  expect(checkDate('runAt', new Date(ms))).toBe(ms)
})

test.each([
  [new Date(-1), '1969-12-31T23:59:59.999Z'],
  [new Date(Date.UTC(10_000, 0)), '+010000-01-01T00:00:00.000Z'],
  [new Date('rubbish'), 'an invalid Date'],
  [Date.UTC(2026, 10), String(Date.UTC(2026, 10))],
  ['2026-11-24', '"2026-11-24"'],
  [null, 'null'],
  [{ getTime: 5 }, 'an object'],
])('a moment %s does not', (value, shown) => {
  expect(refusal(() => checkDate('runAt', value))).toBe(
    `runAt must be a valid Date in the years 1970 to 9999, got ${shown}.`,
  )
})
