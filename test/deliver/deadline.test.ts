import { expect, test } from 'vitest'
import { Deadlines } from '../../src/deliver/deadline.ts'

/** Resolves when it is ended, with how long that took. */
function ended(deadlines: Deadlines, timeoutMs: number): Promise<number> {
  const beganAtMs = performance.now()
  const deadline = deadlines.begin(timeoutMs)
  return new Promise((resolve) => {
    deadline.limit(({ message }) => {
      expect(message).toBe(`no complete response within ${timeoutMs} ms`)
      resolve(performance.now() - beganAtMs)
    })
  })
}

test('each is kept, whatever began before it', async () => {
  const deadlines = new Deadlines()
  const order: number[] = []
  const keep = async (timeoutMs: number) => {
    expect(await ended(deadlines, timeoutMs)).toBeGreaterThanOrEqual(timeoutMs)
    order.push(timeoutMs)
  }
  await Promise.all([200, 50, 120, 50, 300].map(keep))
  expect(order).toEqual([50, 50, 120, 200, 300])
})

test('what is over in time is not ended, nor waited for', async () => {
  const deadlines = new Deadlines()
  const over = deadlines.begin(20)
  let isEnded = false
  over.limit(() => {
    isEnded = true
  })
  const later = ended(deadlines, 60)
  expect(deadlines.clear(over)).toBeLessThan(20)
  await later
  expect(isEnded).toBe(false)
})

test('nothing keeps a process alive for a deadline that is over', () => {
  const deadlines = new Deadlines()
  const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
  const before = timers()
  const deadline = deadlines.begin(60_000)
  expect(timers()).toBe(before + 1)
  deadlines.clear(deadline)
  expect(timers()).toBe(before)
})

test('what is waited for after time was up ends at once', () => {
  const deadlines = new Deadlines()
  const deadline = deadlines.begin(60_000)
  deadlines.end(new Error('the sender was closed'))
  let reason = ''
  deadline.limit(({ message }) => {
    reason = message
  })
  expect(reason).toBe('the sender was closed')
  deadlines.clear(deadline)
})
