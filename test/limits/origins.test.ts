import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { Origins } from '../../src/limits/origins.ts'

const room = (origins: Origins, origin: string) => origins.rooms().get(origin) ?? origins.limit

function starting(origins: Origins, origin: string): void {
  origins.claimed(origin)
  origins.started(origin)
}

function ending(origins: Origins, origin: string, answered: boolean | null): void {
  starting(origins, origin)
  origins.ended(origin, answered)
}

test('an origin has its limit, less what is under way', () => {
  const origins = new Origins(20, 2 * 20)
  expect(room(origins, 'a')).toBe(20)
  for (let count = 0; count < 20; count++) starting(origins, 'a')
  expect(room(origins, 'a')).toBe(0)
  expect(room(origins, 'b')).toBe(20)
  origins.ended('a', true)
  expect(room(origins, 'a')).toBe(1)
})

test('one that did not answer has a tenth of it until it does', () => {
  const origins = new Origins(20, 2 * 20)
  ending(origins, 'a', false)
  expect(room(origins, 'a')).toBe(2)
  ending(origins, 'a', null)
  expect(room(origins, 'a')).toBe(2)
  ending(origins, 'a', true)
  expect(room(origins, 'a')).toBe(20)
})

test('one at a time is always possible', () => {
  const origins = new Origins(3, 2 * 3)
  ending(origins, 'a', false)
  expect(room(origins, 'a')).toBe(1)
  starting(origins, 'a')
  expect(room(origins, 'a')).toBe(0)
})

test('more under way than a silent origin may have leaves no room, not less than none', () => {
  const origins = new Origins(20, 2 * 20)
  for (let count = 0; count < 5; count++) starting(origins, 'a')
  origins.ended('a', false)
  expect(room(origins, 'a')).toBe(0)
})

test('remembers a bounded number of origins, and forgets the oldest', () => {
  const origins = new Origins(20, 2 * 20)
  for (let index = 0; index <= 500; index++) ending(origins, `origin-${index}`, false)
  expect(origins.rooms().size).toBe(500)
  expect(room(origins, 'origin-0')).toBe(20)
  expect(room(origins, 'origin-500')).toBe(2)
})

test('what is claimed and waits for a slot takes room as well', () => {
  const origins = new Origins(2, 2 * 2)
  origins.claimed('a')
  expect(room(origins, 'a')).toBe(1)
  expect(origins.mayStart('a')).toBe(true)
  origins.started('a')
  origins.claimed('a')
  expect(room(origins, 'a')).toBe(0)
  origins.released('a')
  expect(room(origins, 'a')).toBe(1)
})

describe('an origin that answers fast', () => {
  let now = 0

  beforeEach(() => {
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now)
    onTestFinished(() => clock.mockRestore())
  })

  function answered(origins: Origins, origin: string, times: number, withinMs: number): void {
    for (let count = 0; count < times; count++) ending(origins, origin, true)
    now += withinMs
  }

  test('has as many claimed ahead as it answers in 100 ms', () => {
    const origins = new Origins(10, 2 * 10)
    expect(origins.ahead).toBe(0)
    answered(origins, 'a', 800, 200)
    answered(origins, 'b', 0, 0)
    expect(origins.ahead).toBe(400)
    expect(room(origins, 'a')).toBe(410)
    expect(room(origins, 'b')).toBe(10)
  })

  test('has up to 200 claimed ahead with all others, if they are answered in half a second', () => {
    const origins = new Origins(10, 2 * 10)
    answered(origins, 'a', 60, 0)
    answered(origins, 'b', 20, 100)
    expect(origins.ahead).toBe(200)
    expect([room(origins, 'a'), room(origins, 'b')]).toEqual([160, 60])
    answered(origins, 'a', 4, 200)
    expect(origins.ahead).toBe(10)
  })

  test('still starts no more at once than its limit', () => {
    const origins = new Origins(2, 2 * 2)
    answered(origins, 'a', 100, 100)
    for (let count = 0; count < 2; count++) {
      starting(origins, 'a')
    }
    expect(origins.mayStart('a')).toBe(false)
    expect(origins.mayStart('b')).toBe(true)
  })

  test('has nothing ahead as soon as it does not answer, or answers slowly', () => {
    const origins = new Origins(10, 2 * 10)
    answered(origins, 'a', 100, 100)
    expect(origins.ahead).toBe(200)
    ending(origins, 'a', false)
    expect(origins.ahead).toBe(0)
    ending(origins, 'a', true)
    answered(origins, 'a', 0, 2000)
    expect(origins.ahead).toBe(0)
  })
})

test('origins that have not answered may not take every slot together, however many they are', () => {
  const origins = new Origins(5, 20)
  for (let index = 0; index < 15; index++) {
    expect(origins.isFree(`origin-${index}`)).toBe(true)
    starting(origins, `origin-${index}`)
  }
  expect(origins.unprovedRoom).toBe(0)
  expect(origins.isFree('another')).toBe(false)
  expect(origins.enter('another')).toBe(false)
})

test('origins that have not answered are proved by their first answer, and no more when they fall silent', () => {
  const origins = new Origins(5, 20)
  for (let count = 0; count < 3; count++) starting(origins, 'a')
  expect(origins.unprovedRoom).toBe(12)
  origins.ended('a', true)
  expect(origins.unprovedRoom).toBe(15)
  expect(origins.proved.has('a')).toBe(true)
  origins.ended('a', false)
  expect(origins.unprovedRoom).toBe(14)
  origins.ended('a', null)
  expect(origins.unprovedRoom).toBe(15)
})

test('origins that have not answered are those as well that answered so long ago that they are forgotten', () => {
  const origins = new Origins(5, 20)
  for (let index = 0; index <= 1000; index++) ending(origins, `origin-${index}`, true)
  expect(origins.proved.size).toBe(1000)
  expect(origins.proved.has('origin-0')).toBe(false)
})

test('origins that have not answered may take all where one origin may', () => {
  expect(new Origins(20, 20).unprovedRoom).toBe(20)
})
