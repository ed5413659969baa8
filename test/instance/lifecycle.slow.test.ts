import { expect, onTestFinished, test } from 'vitest'
import { connect, freshDatabase } from '../support/fixture.ts'
import { startLanes } from './lanes.ts'
import { CONCURRENCY, Life, STEPS, type Step } from './life.ts'

/** How many steps a life has. */
const LENGTH = Number(process.env['REQUEUEST_LIFE_STEPS'] ?? 4)
/** Lives at the same time. */
const AT_ONCE = 8

/** Every order of so many steps. Until something is started or spawned, there is nothing to answer or to wait for. */
function orders(length: number): Step[][] {
  if (length === 0) return [[]]
  return orders(length - 1)
    .flatMap((before) => STEPS.map((step) => [...before, step]))
    .filter(([first]) => first === 'start' || first === 'spawn' || first === 'stop')
}

/** Lives all of them, each to its end. Says which did not go as the model has it. */
async function liveAll(isExact: boolean): Promise<string[]> {
  const prisma = connect(await freshDatabase(), { max: 10 })
  const receiver = await startLanes()
  onTestFinished(() => receiver.stop())
  const all = orders(LENGTH)
  const wrong: string[] = []
  let next = 0
  const live = async (index: number, steps: Step[]) => {
    const lane = receiver.add(`life-${index}`)
    const life = new Life(prisma, lane, isExact)
    try {
      for (const step of steps) await life.do(step)
      await life.end()
      expect(lane.most).toBeLessThanOrEqual(CONCURRENCY)
    } catch (error) {
      wrong.push(`${steps.join(' ')}: ${error}`)
    }
  }
  const liveSome = async () => {
    for (let index = next++; index < all.length; index = next++) await live(index, all[index]!)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, liveSome))
  for (const { name, late } of receiver.lanes()) if (late > 0) wrong.push(`${name}: ${late} sent after its end`)
  const claimed = await prisma.httpRequest.count({ where: { state: 'claimed' } })
  if (claimed > 0) wrong.push(`${claimed} claimed after the end`)
  return wrong
}

test.each([
  ['at once', true],
  ['with time for the database in between', false],
])(
  'every order of start, stop, spawn and drain, one after another %s, is as the model has it',
  async (_, isExact) => {
    expect(await liveAll(isExact)).toEqual([])
  },
  300_000 * LENGTH,
)
