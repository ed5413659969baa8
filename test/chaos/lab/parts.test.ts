import { expect, test } from 'vitest'
import { toArrivals } from './history.ts'
import { between, randomOf } from './random.ts'

test('joins the lines of the receiver', () => {
  const arrived = (token: number) => ({ what: 'arrived', token, id: 'a', body: 'a', at: token }) as const
  const arrivals = toArrivals([arrived(0), arrived(1), { what: 'answered', token: 0, answer: 200, at: 5 }])
  expect(arrivals).toEqual([
    { token: 0, id: 'a', body: 'a', at: 0, answer: 200, answeredAt: 5 },
    { token: 1, id: 'a', body: 'a', at: 1, answer: 'none', answeredAt: null },
  ])
})

test('a seed gives the same numbers again, another seed or label gives others', () => {
  const numbers = (seed: number, label: string) => {
    const random = randomOf(seed, label)
    return Array.from({ length: 20 }, () => between(random, 1, 1000))
  }
  expect(numbers(1, 'a')).toEqual(numbers(1, 'a'))
  expect(numbers(1, 'a')).not.toEqual(numbers(2, 'a'))
  expect(numbers(1, 'a')).not.toEqual(numbers(1, 'b'))
  expect(new Set(numbers(1, 'a')).size).toBeGreaterThan(15)
})
