import { expect, test } from 'vitest'
import { upcoming } from '../../src/cron/upcoming.ts'

const texts = (times: readonly number[]) => times.map((ms) => new Date(ms).toISOString())

test('the next times begin with the one that is known, across a change of the clocks', () => {
  const first = Date.parse('2026-10-24T00:30:00Z')
  expect(texts(upcoming('30 2 * * *', 'Europe/Berlin', first, 3))).toEqual([
    '2026-10-24T00:30:00.000Z',
    '2026-10-25T00:30:00.000Z',
    '2026-10-26T01:30:00.000Z',
  ])
})

test('the first need not be one of the expression', () => {
  const now = Date.parse('2026-01-01T12:34:56.789Z')
  expect(texts(upcoming('@daily', 'UTC', now, 2))).toEqual(['2026-01-01T12:34:56.789Z', '2026-01-02T00:00:00.000Z'])
})
