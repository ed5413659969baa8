import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InvalidInputError } from '../../src/errors.ts'
import { actionFor, checkOnStatus, type StatusRules } from '../../src/policy/on-status.ts'

const rules: StatusRules = { '4xx': 'fail', '408-429': { base: 5 }, 410: 'retry', '500-503': 'retry' }
test.each([
  [400, 'fail'],
  [408, { base: 5 }],
  [410, 'retry'],
  [429, { base: 5 }],
  [499, 'fail'],
  [503, 'retry'],
  [504, undefined],
  [302, undefined],
])('of the rules that name a status, the one decides that names fewest %i', (status, expected) => {
  expect(actionFor(rules, status)).toEqual(expected)
})

test('of the rules that name a status, the one decides that names fewest in whatever order they come', () => {
  const range = fc
    .tuple(fc.integer({ min: 200, max: 999 }), fc.integer({ min: 200, max: 999 }))
    .map(([one, other]) => `${Math.min(one, other)}-${Math.max(one, other)}`)
  const rule = fc.oneof(
    range,
    fc.constantFrom('2xx', '3xx', '4xx', '5xx'),
    fc.integer({ min: 200, max: 999 }).map(String),
  )
  const entries = fc.array(fc.tuple(rule, fc.constantFrom('retry' as const, 'fail' as const)), { maxLength: 4 })
  let judged = 0
  fc.assert(
    fc.property(entries, fc.integer({ min: 200, max: 599 }), (pairs, status) => {
      const given = Object.fromEntries(pairs)
      if (!isClear(given)) return
      judged++
      const backwards = Object.fromEntries(Object.entries(given).reverse())
      expect(actionFor(backwards, status)).toBe(actionFor(given, status))
    }),
  )
  expect(judged).toBeGreaterThan(20)
})

function isClear(rules: unknown): boolean {
  try {
    checkOnStatus('onStatus', rules)
    return true
  } catch {
    return false
  }
}

test.each<[string, unknown, string, string]>([
  ['a text', '4xx', 'onStatus', 'an object such as'],
  ['a list', [], 'onStatus', 'an object such as'],
  ['null', null, 'onStatus', 'an object such as'],
  ['a rule that names no status', { '1xx': 'fail' }, 'onStatus["1xx"]', 'a final status'],
  ['another action', { 410: 'stop' }, "onStatus['410']", "'retry', 'fail' or a backoff"],
  ['no action', { 410: null }, "onStatus['410']", "'retry', 'fail' or a backoff"],
  ['a backoff with an unknown key', { 429: { first: 5 } }, "onStatus['429'].first", 'omitted'],
  ['a backoff that cannot be', { 429: { base: -1 } }, "onStatus['429'].base", 'from 0 ms to 24 days'],
  ['a backoff by an old name', { 429: { baseMs: 5 } }, "onStatus['429'].baseMs", 'did you mean `base`?'],
  ['a list of waits with a hole', { 429: { delays: [1, null] } }, "onStatus['429'].delays[1]", 'from 0 ms to 24 days'],
  ['ranges that overlap', { '400-410': 'fail', '405-415': 'retry' }, "onStatus['405-415']", "within '400-410'"],
  ['a status twice', { 404: 'fail', '404-404': 'retry' }, "onStatus['404-404']", "within '404'"],
  ['too many', Object.fromEntries(Array.from({ length: 101 }, (_, n) => [n + 200, 'fail'])), 'onStatus', 'at most 100'],
])('rules are refused: %s', (_, rules, field, message) => {
  let thrown: unknown
  try {
    checkOnStatus('onStatus', rules)
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(InvalidInputError)
  expect(thrown).toMatchObject({ field })
  expect((thrown as Error).message).toContain(message)
})
