import { InvalidArgumentError } from 'commander'
import { expect, test } from 'vitest'
import { toMoment } from '../../src/cli/moment.ts'
import { dateOf } from '../../src/inspect/moment.ts'

const NOW = '2026-11-30T12:00:00.000Z'

test.each([
  ['2h', '2026-11-30T10:00:00.000Z'],
  ['-90m', '2026-11-30T10:30:00.000Z'],
  ['+1.5d', '2026-12-02T00:00:00.000Z'],
  ['0s', NOW],
  ['2026-11-01', '2026-11-01T00:00:00.000Z'],
  ['2026-11-01T08:00', '2026-11-01T08:00:00.000Z'],
  ['2026-11-01 08:00:30.5', '2026-11-01T08:00:30.500Z'],
  ['2026-11-01T08:00+02:00', '2026-11-01T06:00:00.000Z'],
  ['2026-11-01T08:00Z', '2026-11-01T08:00:00.000Z'],
])('the time %s is %s', (text, expected) => {
  expect(dateOf(toMoment(text), Date.parse(NOW)).toISOString()).toBe(expected)
})

test.each([
  '',
  '2',
  'yesterday',
  '2 h',
  '2026-13-01',
  '2026-02-31',
  '2026-11-31T10:00+02:00',
  '2026-11-01T25:00',
  '11/30/2026',
  '+2026-11-01',
])('%j is no time', (text) => {
  expect(() => toMoment(text)).toThrow(InvalidArgumentError)
})
