import fc from 'fast-check'
import { expect, test } from 'vitest'
import { distinct } from '../../src/runtime/distinct.ts'

interface Item {
  name: string
  rule: { max: number } | null
  ignored: number
}

const item = fc.record<Item>({
  name: fc.constantFrom('a', 'b', 'a,b', ''),
  rule: fc.constantFrom(null, { max: 1 }, { max: 2 }),
  ignored: fc.nat(),
})
const seen = ({ name, rule }: Item) => JSON.stringify([name, rule])

test('each item finds its like, and no two values are alike', () => {
  fc.assert(
    fc.property(fc.array(item), (items) => {
      const { values, numbers } = distinct(items, ['name', 'rule'])
      expect(numbers.map((number) => seen(values[number - 1]!))).toEqual(items.map(seen))
      expect(new Set(values.map(seen)).size).toBe(values.length)
    }),
  )
})
