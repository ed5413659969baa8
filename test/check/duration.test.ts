import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkDuration, parseDuration } from '../../src/check/duration.ts'

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
  ['1.5h', 5_400_000],
  ['0.5s', 500],
  ['1.005s', 1005],
  ['1.10ms', null],
  ['1.0ms', 1],
  ['0.1ms', null],
  ['0.0001s', null],
  ['.5s', null],
  ['5.s', null],
  ['1.2.3s', null],
  ['0x10s', null],
  ['Infinitys', null],
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
      fc.pre(!/^[\d.]+(ms|s|m|h|d)$/.test(text))
      expect(parseDuration(text)).toBeNull()
    }),
  )
})

test('decimals come out as if they were whole numbers of a smaller unit', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000_000 }), (ms) => {
      expect(parseDuration(`${Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}s`)).toBe(ms)
    }),
  )
})

const DAY_MS = 86_400_000

test.each([
  [0, 0, DAY_MS],
  ['0s', 0, DAY_MS],
  ['1.5s', 1500, DAY_MS],
  ['24h', DAY_MS, DAY_MS],
  ['1d', DAY_MS, DAY_MS],
])('%j is a duration of %d ms within the bounds', (value, ms, max) => {
  expect(checkDuration('options.timeout', value, 0, max)).toBe(ms)
})

const NOT_EVEN_DURATIONS = [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '5', '7 days', '-1s', '1.5ms', null, {}, 5n]

test.each([...NOT_EVEN_DURATIONS, 0, '0s', DAY_MS + 1, '25h', '1441m'])('%s is refused', (value) => {
  expect(() => checkDuration('options.timeout', value, 1, DAY_MS)).toThrow(
    /^options\.timeout must be a duration from 1 ms to 1 day: .*, got /,
  )
})

test.each([
  [1, 2, '1 ms to 2 ms'],
  [0, 1000, '0 ms to 1 second'],
  [1500, 60_000, '1500 ms to 1 minute'],
  [90_000, 2 * 3_600_000, '90 seconds to 2 hours'],
  [DAY_MS, 24 * DAY_MS, '1 day to 24 days'],
  [365 * DAY_MS, 36_500 * DAY_MS, '1 year to 100 years'],
])('the bounds %d and %d are shown as %s', (min, max, shown) => {
  expect(() => checkDuration('n', '5 s', min, max)).toThrow(`n must be a duration from ${shown}: '500ms'`)
  expect(() => checkDuration('n', '5 s', min, max)).toThrow('got "5 s".')
})
