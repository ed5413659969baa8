import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDuration } from '../../src/core/duration.ts'

test.each([
  ['7d', 604_800_000],
  ['90d', 7_776_000_000],
  ['12h', 43_200_000],
  ['30m', 1_800_000],
  ['90s', 90_000],
  ['250ms', 250],
  ['0d', 0],
  ['', null],
  ['d', null],
  ['7', null],
  ['7 d', null],
  ['7D', null],
  ['7w', null],
  ['-7d', null],
  ['1.5h', null],
  ['1e3s', null],
  ['7d ', null],
  ['7d12h', null],
  ['٧d', null],
  ['1000000000000000d', null],
])('%j is %j', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

test('every count has the length of its unit as often', () => {
  const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
  const unit = fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[]))
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100_000_000 }), unit, (count, name) => {
      expect(parseDuration(`${count}${name}`)).toBe(count * units[name])
    }),
  )
})

test('any other text is none, and nothing is thrown', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!/^\d+(ms|s|m|h|d)$/.test(text))
      expect(parseDuration(text)).toBeNull()
    }),
  )
})
