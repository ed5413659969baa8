import { expect, test } from 'vitest'
import { Slots } from '../../src/handlers/slots.ts'

/** Lets channels in one after another. Returns who entered, as far as that was at once or since. */
function entering(slots: Slots, ...channels: string[]): string[] {
  const entered: string[] = []
  for (const channel of channels) {
    void slots.enter(channel, 60_000).then((isIn) => {
      if (isIn) entered.push(channel)
    })
  }
  return entered
}

/** Whoever has been let in has been told. */
const told = () => new Promise(setImmediate)

test('a channel has two at once, and none that would take the last slots from channels that have none', async () => {
  const slots = new Slots()
  const entered = entering(slots, 'a', 'a', 'a', 'b', 'b', 'c', 'c', 'd', 'd', 'e')
  await told()
  expect(entered).toEqual(['a', 'a', 'b', 'b', 'c', 'd'])
  slots.close()
})

test('what is free goes to the channel that has waited for its turn for the longest, however many wait in others', async () => {
  const slots = new Slots()
  const entered = entering(slots, 'a', 'b', 'c', 'd', 'e', 'f', 'a', 'b', 'a', 'b', 'late', 'late')
  await told()
  expect(entered.splice(0)).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  slots.leave('a')
  await told()
  expect(entered.splice(0)).toEqual(['late'])
  for (const channel of ['late', 'b', 'a']) slots.leave(channel)
  await told()
  expect(entered.splice(0)).toEqual(['a', 'b', 'late'])
  slots.close()
})
