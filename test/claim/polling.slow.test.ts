import { expect, test, vi } from 'vitest'
import { wrapClient } from '../faults/wrapped-client.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

/** A worker that says what it asks of the database. */
function observed() {
  const calls: string[] = []
  const client = wrapClient(database.prisma, (call) => {
    calls.push(call.name)
    return call.run()
  })
  const count = (name: string) => calls.filter((each) => each === name).length
  return { requeuest: createRequeuest(client as typeof database.prisma), calls, count }
}

const HOUR_MS = 3_600_000

test.each([
  ['all', 'all'],
  ['named', ['a', 'b', 'c']],
] as const)('at rest it claims nothing, but looks when the next is due: channels %s', async (_, channels) => {
  const { requeuest, calls, count } = observed()
  await requeuest.spawnMany('a', ['http://example.com/', 'http://example.com/'], { delay: HOUR_MS })
  await requeuest.start({ channels })
  await vi.waitFor(() => expect(count('selectSettings')).toBeGreaterThanOrEqual(3))
  const [fromMs, before, looksBefore] = [performance.now(), calls.length, count('selectSettings')]
  await vi.waitFor(() => expect(count('selectSettings')).toBeGreaterThanOrEqual(looksBefore + 5), { timeout: 10_000 })
  expect(count('claimRequests')).toBeLessThanOrEqual(2)
  expect(new Set(calls.slice(before))).toEqual(new Set(['selectSettings', 'findMaintenance']))
  // 100, 200, 400, 800 ms, and then a second.
  expect(performance.now() - fromMs).toBeGreaterThan(2300)
})

test.each([
  ['all', 'all'],
  ['named', ['a', 'b']],
] as const)(
  'at rest it finds what is written by hand, and sends it when it is due: channels %s',
  async (_, channels) => {
    const receiver = await receiverOf()
    const { requeuest, count } = observed()
    await requeuest.start({ channels })
    const calm = () => vi.waitFor(() => expect(count('selectSettings')).toBeGreaterThanOrEqual(5), { timeout: 10_000 })
    await calm()
    const createdMs = performance.now()
    const inMs = 1500
    const data = { url: receiver.url, runAt: new Date(Date.now() + inMs) }
    await database.prisma.httpRequest.createMany({
      data: [
        { ...data, channel: 'b', priority: 9 },
        { ...data, channel: 'b', priority: 2, runAt: new Date(Date.now() + HOUR_MS) },
        { ...data, channel: 'a', runAt: new Date(Date.now() + HOUR_MS) },
      ],
    })
    const claimsBefore = count('claimRequests')
    await receiver.waitForRequests(1)
    // A look that comes every second would find it up to a second later.
    expect(receiver.requests[0]!.at - createdMs).toBeGreaterThan(inMs - 100)
    expect(receiver.requests[0]!.at - createdMs).toBeLessThan(inMs + 450)
    // One finds that nobody has read its origin yet, and the next one takes it.
    expect(count('claimRequests') - claimsBefore).toBeLessThanOrEqual(3)
  },
)
