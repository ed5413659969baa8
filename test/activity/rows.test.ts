import { expect, test } from 'vitest'
import { toRows } from '../../src/activity/rows.ts'
import { Tally } from '../../src/activity/tally.ts'
import type { AttemptEvent } from '../../src/index.ts'
import type { ActivityName } from '../../src/store/activity.ts'

const NOON = Date.UTC(2026, 10, 24, 12) / 60_000
const attempt = (some: Partial<AttemptEvent>) =>
  ({
    channel: 'a',
    origin: 'http://a',
    outcome: 'accepted',
    startedAt: new Date(NOON * 60_000),
    durationMs: 5,
    ...some,
  }) as AttemptEvent

function tallyOf(...attempts: Partial<AttemptEvent>[]): Tally {
  const tally = new Tally()
  for (const some of attempts) tally.attempt(attempt(some))
  return tally
}

const rowsOf = (tally: Tally, kind: string, minutes: number, known: ActivityName[] = []) =>
  toRows(tally, NOON + 30, known).filter((row) => row.kind === kind && row.minutes === minutes)

test('an attempt counts in the minute in which it ended, and in the spans of ten and of 30 around it', () => {
  const tally = tallyOf({ startedAt: new Date((NOON + 17) * 60_000 - 1000), durationMs: 1000 })
  const counts = { attempts: 1, accepted: 1, delivered: 0, failed: 0, totalMs: 1000, latency: expect.any(Array) }
  const row = (minutes: number, minute: number) => ({ kind: 'channel', name: 'a', minutes, minute, ...counts })
  expect([1, 10, 30].flatMap((minutes) => rowsOf(tally, 'channel', minutes))).toEqual([
    row(1, NOON + 17),
    row(10, NOON + 10),
    row(30, NOON),
  ])
})

test('attempts of two minutes share the row of a longer span', () => {
  const tally = tallyOf({}, { startedAt: new Date((NOON + 1) * 60_000), outcome: 'timeout', durationMs: 8 })
  expect(rowsOf(tally, 'origin', 1)).toHaveLength(2)
  expect(rowsOf(tally, 'origin', 10)).toMatchObject([{ attempts: 2, accepted: 1, totalMs: 13 }])
})

test('a final request counts when it is written', () => {
  const tally = new Tally()
  tally.final({ channel: 'a', origin: 'http://a' }, 'delivered')
  tally.final({ channel: 'a', origin: 'http://b' }, 'failed')
  expect(rowsOf(tally, 'channel', 1)).toMatchObject([{ minute: NOON + 30, attempts: 0, delivered: 1, failed: 1 }])
  expect(rowsOf(tally, 'origin', 30).map(({ minute, failed }) => [minute, failed])).toEqual([
    [NOON + 30, 0],
    [NOON + 30, 1],
  ])
})

test('of more than 50 origins those have rows of their own that have one, and then those with most attempts', () => {
  const tally = tallyOf(
    ...Array.from({ length: 150 }, (_, index) => Array(index + 1).fill({ origin: `http://${index}` })).flat(),
  )
  const known = Array.from(
    { length: 10 },
    (_, index) => ({ kind: 'origin', name: `http://${index}`, minute: NOON }) as const,
  )
  const rows = rowsOf(tally, 'origin', 30, [...known, { kind: 'origin', name: '', minute: NOON }])
  const first = Array.from({ length: 10 }, (_, index) => `http://${index}`)
  const largest = Array.from({ length: 40 }, (_, index) => `http://${index + 110}`)
  expect(rows.map(({ name }) => name).sort()).toEqual(['', ...first, ...largest].sort())
  const others = rows.find(({ name }) => name === '')!
  expect(others.attempts).toBe(
    Array.from({ length: 100 }, (_, index) => index + 11).reduce((sum, count) => sum + count, 0),
  )
})

test('what is known of another span or kind takes no place', () => {
  const known = Array.from({ length: 100 }, (_, index) => [
    { kind: 'channel', name: `${index}`, minute: NOON } as const,
    { kind: 'origin', name: `${index}`, minute: NOON - 30 } as const,
  ]).flat()
  expect(rowsOf(tallyOf({}), 'origin', 30, known)).toMatchObject([{ name: 'http://a' }])
  expect(rowsOf(tallyOf({}), 'channel', 30, known)).toMatchObject([{ name: '' }])
})

test('a process keeps 1000 names of a minute in memory, and none that an index has no room for', () => {
  const tally = tallyOf(
    { origin: `http://${'x'.repeat(1000)}` },
    ...Array.from({ length: 1500 }, (_, index) => ({ origin: `http://${index}` })),
  )
  expect(tally.size).toBe(1 + 1000)
  expect(rowsOf(tally, 'origin', 1).find(({ name }) => name === '')!.attempts).toBe(1501 - 50)
})

test('what is added to a tally counts as if it had been counted there', () => {
  const tally = tallyOf({}, { channel: 'b', durationMs: 100 })
  tally.add(tallyOf({ durationMs: 1000 }, { channel: 'b' }))
  const all = tallyOf({}, { channel: 'b', durationMs: 100 }, { durationMs: 1000 }, { channel: 'b' })
  expect(toRows(tally, NOON, [])).toEqual(toRows(all, NOON, []))
})
