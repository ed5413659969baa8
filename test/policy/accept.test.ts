import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isAccepted, parseAcceptRule } from '../../src/policy/accept.ts'

const STATUSES = Array.from({ length: 900 }, (_, index) => 100 + index)

test.each([
  [404, 404, 404],
  ['404', 404, 404],
  ['400-410', 400, 410],
  ['404-404', 404, 404],
  ['200-999', 200, 999],
  ['2xx', 200, 299],
  ['3xx', 300, 399],
  ['4xx', 400, 499],
  ['5xx', 500, 599],
  [200, 200, 200],
  [999, 999, 999],
])('an accept rule %j stands for %i to %i', (rule, from, to) => {
  expect(parseAcceptRule(rule)).toEqual({ from, to })
})

test.each([
  [''],
  [' 404'],
  ['404\n'],
  ['4o4'],
  ['40'],
  ['4040'],
  ['2XX'],
  ['1xx'],
  ['6xx'],
  ['2x'],
  ['xx'],
  ['600-500'],
  ['100-200'],
  ['199'],
  ['200-1000'],
  ['200 - 299'],
  ['200-'],
  ['-200'],
  ['200-299-300'],
  ['2xx-3xx'],
  ['200,201'],
  ['２００'],
  [199],
  [1000],
  [404.5],
  [-404],
  [0],
  [Number.NaN],
  [Number.POSITIVE_INFINITY],
  [null],
  [undefined],
  [true],
  [['404']],
  [{ from: 200, to: 299 }],
])('an accept rule %j stands for nothing', (rule) => {
  expect(parseAcceptRule(rule)).toBeNull()
})

/** What the documentation says, spelt out number by number, with no arithmetic shared with the code. */
function spelledOut(rule: string): Set<number> {
  const [from = '', to = from] = rule.split('-')
  const named = STATUSES.filter((status) => {
    const text = String(status)
    return rule.endsWith('xx') ? text.startsWith(rule[0]!) : text >= from && text <= to
  })
  return new Set(named)
}

const status = fc.integer({ min: 200, max: 999 })
const anyRule = fc.oneof(
  status.map(String),
  fc.constantFrom('2xx', '3xx', '4xx', '5xx'),
  fc.tuple(status, status).map(([one, other]) => `${Math.min(one, other)}-${Math.max(one, other)}`),
)

test('an accept rule is a number or a text', () => {
  expect(parseAcceptRule(404n)).toBeNull()
})

test('an accept set accepts exactly the statuses that its rules name, of all from 100 to 999', () => {
  fc.assert(
    fc.property(fc.array(anyRule, { maxLength: 4 }), (rules) => {
      const named = rules.map(spelledOut)
      for (const each of STATUSES) {
        if (isAccepted(rules, each) !== named.some((set) => set.has(each))) throw new Error(`${rules}: ${each}`)
      }
    }),
  )
})

test('an accept set that is empty accepts nothing', () => {
  expect(STATUSES.filter((each) => isAccepted([], each))).toEqual([])
})

test('an accept set reads past rules in a hand-made row that stand for nothing', () => {
  expect(isAccepted(['rubbish', '', '204'], 204)).toBe(true)
  expect(isAccepted(['rubbish', '', '1xx'], 100)).toBe(false)
})
