import { expect, onTestFinished, test, vi } from 'vitest'
import { Poller } from '../../src/claim/poller.ts'

/** A poller on a clock of its own, and what its claims did: how long each took, and whether it found some. */
function started() {
  let nowMs = 0
  let wakes = 0
  const poller = new Poller(
    () => wakes++,
    () => nowMs,
  )
  onTestFinished(() => poller.stop())
  const claim = (tookMs: number) => {
    poller.asked()
    nowMs += tookMs
    poller.answered()
  }
  return {
    poller,
    claim,
    found: (tookMs: number) => {
      claim(tookMs)
      return poller.found()
    },
    missed: () => {
      claim(1)
      return poller.missed()
    },
    /** How often the loop was woken since this was asked last. */
    wakes: () => {
      const count = wakes
      wakes = 0
      return count
    },
  }
}

const HUNGRY = { isHungry: true, isAnyWaiting: false }
const SATED = { isHungry: false, isAnyWaiting: true }
const EMPTY = { isHungry: false, isAnyWaiting: false }

test.each([
  ['is short', 0.2, 3],
  ['is as usual', 2, 8],
  ['is long', 40, 25],
])(
  'after a claim that found all that was due and %s it claims again in four times as long, within bounds',
  (_, tookMs, ms) => {
    const { poller, found } = started()
    expect(found(tookMs)).toBe(ms)
    expect([poller.next, poller.isIdle]).toEqual(['claim', true])
  },
)

test('waits twice as long after each claim that found none, up to a second, and then looks before it claims', () => {
  const { poller, found, missed } = started()
  found(1)
  const waits = Array.from({ length: 10 }, () => ({ ms: missed(), next: poller.next }))
  expect(waits.map(({ ms }) => ms)).toEqual([8, 16, 32, 64, 128, 256, 512, 1000, 1000, 1000])
  expect(waits.map(({ next }) => next)).toEqual(['claim', 'claim', ...Array(8).fill('look')])
})

test.each([
  ['nothing has been found yet', () => {}],
  ['it was told of something that was not there', (poller: Poller) => poller.expect()],
  ['more was due than it may hold', (poller: Poller) => poller.isFull()],
])('begins with 25 ms where %s', (_, tell) => {
  const { poller, found, missed } = started()
  if (tell.length > 0) found(1)
  tell(poller)
  expect([missed(), missed(), missed()]).toEqual([25, 50, 100])
})

test('never waits past the time at which the next one is due, and claims then', () => {
  const { poller, missed } = started()
  for (let i = 0; i < 4; i++) missed()
  poller.asked()
  expect(poller.missed(120.5)).toBe(121)
  expect(poller.next).toBe('claim')
  poller.asked()
  expect(poller.missed(Number.POSITIVE_INFINITY)).toBe(800)
  expect(poller.next).toBe('look')
})

test('what is expected while a claim is under way is claimed at once, whatever that claim found', () => {
  const { poller, wakes } = started()
  for (const end of [() => poller.missed(), () => poller.found()]) {
    poller.asked()
    poller.expect()
    end()
    expect(poller.next).toBe('claim')
    expect(wakes()).toBe(1)
  }
})

test('a slot that is freed leads to a claim only while more is due, and at once only where half is lacking', () => {
  const { poller, claim, found, wakes } = started()
  found(1)
  poller.freed(HUNGRY)
  expect(wakes()).toBe(0)
  poller.isFull()
  poller.freed(SATED)
  expect(wakes()).toBe(0)
  poller.freed(HUNGRY)
  expect(wakes()).toBe(1)
  claim(1)
  poller.isBehind()
  poller.freed(HUNGRY)
  expect(wakes()).toBe(0)
})

test.each([
  ['five milliseconds', 1, 5],
  ['as long as the last claim took', 30, 30],
  ['a tenth of a second', 5000, 100],
])('slots that are freed one after the other are filled together after %s', (_, claimMs, ms) => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { poller, claim, wakes } = started()
  claim(claimMs)
  poller.isFull()
  for (let i = 0; i < 3; i++) poller.freed(EMPTY)
  vi.advanceTimersByTime(ms - 1)
  expect(wakes()).toBe(0)
  vi.advanceTimersByTime(1)
  expect(wakes()).toBe(1)
})

test('goes on when what is finished is written, if that is what it waits for', () => {
  const { poller, wakes } = started()
  poller.written()
  expect(wakes()).toBe(0)
  poller.isBehind()
  expect(poller.isIdle).toBe(false)
  poller.written()
  poller.written()
  expect(wakes()).toBe(1)
})
