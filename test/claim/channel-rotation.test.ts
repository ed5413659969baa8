import { expect, onTestFinished, test, vi } from 'vitest'
import { Channels } from '../../src/claim/channel-rotation.ts'
import { useDatabase } from '../support/fixture.ts'

const database = useDatabase()

test('however many slots there are, every channel has its turn', async () => {
  const names = ['a', 'b', 'c', 'd', 'e']
  for (let slots = 1; slots <= 7; slots++) {
    const channels = new Channels(database.prisma, names)
    const turns = new Map(names.map((name) => [name, 0]))
    for (let round = 0; round < 60; round++) {
      const asked = await channels.next()
      // As the claim shares them out: an equal share each, until the slots are gone.
      const share = Math.ceil(slots / asked.length)
      const served = asked.slice(0, Math.ceil(slots / share))
      for (const name of served) turns.set(name, (turns.get(name) ?? 0) + 1)
      channels.served(asked, served)
    }
    expect(Math.max(...turns.values()) - Math.min(...turns.values())).toBeLessThanOrEqual(1)
  }
})

test('with `all`, the channels that have work are asked', async () => {
  // What was found out is believed as long as the clock stands still.
  const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now())
  onTestFinished(() => clock.mockRestore())
  const channels = new Channels(database.prisma, 'all')
  expect(await channels.next()).toEqual([])
  const data = ['x', 'y', 'x'].map((channel) => ({ channel, url: 'http://example.com/' }))
  await database.prisma.httpRequest.createMany({ data })
  channels.expect('x')
  expect(await channels.next()).toEqual(['x'])
  channels.expect(undefined)
  expect(await channels.next()).toEqual(['x', 'y'])
})
