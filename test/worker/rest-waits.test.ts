import { expect, test } from 'vitest'
import { Rest } from '../../src/worker/rest.ts'

/** A rest on a clock of its own, and what its claims did: how long each took, and whether it found some. */
function rested() {
  let nowMs = 0
  const rest = new Rest(() => nowMs)
  const claim = (tookMs: number) => {
    rest.begin()
    nowMs += tookMs
  }
  return {
    rest,
    afterSome: (tookMs: number) => {
      claim(tookMs)
      return rest.afterSome()
    },
    afterNone: () => {
      claim(1)
      return rest.afterNone()
    },
  }
}

test.each([
  ['is short', 0.2, 3],
  ['is as usual', 2, 8],
  ['is long', 40, 25],
])('after a claim that found some and that %s it looks again in four times as long, within bounds', (_, tookMs, ms) => {
  const { rest, afterSome } = rested()
  expect(afterSome(tookMs)).toBe(ms)
  expect(rest.isOver).toBe(true)
})

test('waits twice as long after each claim that found none, up to a second, and then looks before it claims', () => {
  const { rest, afterSome, afterNone } = rested()
  afterSome(1)
  const waits = Array.from({ length: 10 }, () => ({ ms: afterNone(), claims: rest.isOver }))
  expect(waits.map(({ ms }) => ms)).toEqual([8, 16, 32, 64, 128, 256, 512, 1000, 1000, 1000])
  expect(waits.map(({ claims }) => claims)).toEqual([true, true, ...Array(8).fill(false)])
})

test('begins with 25 ms where nothing has been found yet, or where it was told of something that was not there', () => {
  const { rest, afterSome, afterNone } = rested()
  expect([afterNone(), afterNone(), afterNone()]).toEqual([25, 50, 100])
  afterSome(1)
  rest.end()
  expect([afterNone(), afterNone()]).toEqual([25, 50])
})

test('never waits past the time at which the next one is due, and claims then', () => {
  const { rest, afterNone } = rested()
  for (let i = 0; i < 4; i++) afterNone()
  rest.begin()
  expect(rest.afterNone(120.5)).toBe(121)
  expect(rest.isOver).toBe(true)
  rest.begin()
  expect(rest.afterNone(Number.POSITIVE_INFINITY)).toBe(800)
  expect(rest.isOver).toBe(false)
})
