import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Batcher, type Waiting } from '../../src/runtime/batcher.ts'

const weights = fc.array(fc.nat(20), { maxLength: 60 })
const terms = fc.record({
  lanes: fc.integer({ min: 1, max: 4 }),
  size: fc.integer({ min: 1, max: 9 }),
  weight: fc.nat(40),
})

test('each is in one batch, in order, and no batch or lane is fuller than it may be', async () => {
  await fc.assert(
    fc.asyncProperty(weights, terms, async (items, { lanes, size, weight }) => {
      const batches: number[][] = []
      let most = 0
      let underWay = 0
      const work = async (batch: readonly Waiting<number, number>[]) => {
        batches.push(batch.map(({ item }) => item))
        most = Math.max(most, ++underWay)
        await setImmediate()
        underWay--
        for (const { item, resolve } of batch) resolve(item + 1)
      }
      const batcher = new Batcher<number, number>({ lanes: () => lanes, size, weight, weigh: (item) => item }, work)
      expect(await Promise.all(items.map((item) => batcher.add(item)))).toEqual(items.map((item) => item + 1))
      expect(batches.flat()).toEqual(items)
      expect(most).toBeLessThanOrEqual(lanes)
      for (const batch of batches) {
        expect(batch.length).toBeLessThanOrEqual(size)
        if (batch.length > 1) expect(batch.reduce((sum, item) => sum + item)).toBeLessThanOrEqual(weight)
      }
    }),
  )
})

test('what is asked for in one turn goes in one batch, and the next one begins while that is under way', async () => {
  const batches: string[][] = []
  const batcher = new Batcher<string>({ lanes: () => 2 }, async (batch) => {
    batches.push(batch.map(({ item }) => item))
    await setImmediate()
    for (const { resolve } of batch) resolve()
  })
  const first = [batcher.add('a'), batcher.add('b')]
  await Promise.resolve()
  const second = batcher.add('c')
  await Promise.resolve()
  expect(batches).toEqual([['a', 'b'], ['c']])
  await Promise.all([...first, second])
})

test('work that rejects rejects all of its batch, and the next ones are done', async () => {
  const batcher = new Batcher<string, string>({ lanes: () => 1, size: 2 }, async (batch) => {
    if (batch[0]?.item === 'bad') throw new Error('no')
    for (const { item, resolve } of batch) resolve(item)
  })
  const results = await Promise.allSettled(['bad', 'with it', 'good'].map((item) => batcher.add(item)))
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
})
