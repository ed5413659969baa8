import { expect, test } from 'vitest'
import { Origins } from '../../src/worker/origins.ts'

const room = (origins: Origins, origin: string) => origins.rooms().get(origin) ?? origins.limit

function ending(origins: Origins, origin: string, answered: boolean | null): void {
  origins.started(origin)
  origins.ended(origin, answered)
}

test('an origin has its limit, less what is under way', () => {
  const origins = new Origins(20)
  expect(room(origins, 'a')).toBe(20)
  for (let count = 0; count < 20; count++) origins.started('a')
  expect(room(origins, 'a')).toBe(0)
  expect(room(origins, 'b')).toBe(20)
  origins.ended('a', true)
  expect(room(origins, 'a')).toBe(1)
})

test('one that did not answer has a tenth of it until it does', () => {
  const origins = new Origins(20)
  ending(origins, 'a', false)
  expect(room(origins, 'a')).toBe(2)
  ending(origins, 'a', null)
  expect(room(origins, 'a')).toBe(2)
  ending(origins, 'a', true)
  expect(room(origins, 'a')).toBe(20)
})

test('one at a time is always possible', () => {
  const origins = new Origins(3)
  ending(origins, 'a', false)
  expect(room(origins, 'a')).toBe(1)
  origins.started('a')
  expect(room(origins, 'a')).toBe(0)
})

test('more under way than a silent origin may have leaves no room, not less than none', () => {
  const origins = new Origins(20)
  for (let count = 0; count < 5; count++) origins.started('a')
  origins.ended('a', false)
  expect(room(origins, 'a')).toBe(0)
})

test('remembers a bounded number of origins, and forgets the oldest', () => {
  const origins = new Origins(20)
  for (let index = 0; index <= 500; index++) ending(origins, `origin-${index}`, false)
  expect(origins.rooms().size).toBe(500)
  expect(room(origins, 'origin-0')).toBe(20)
  expect(room(origins, 'origin-500')).toBe(2)
})
