import type fc from 'fast-check'
import { expect } from 'vitest'
import { cancelRequests } from '../../src/store/control.ts'
import { redriveRequests } from '../../src/store/redrives.ts'
import { type Command, command } from './command.ts'
import type { World } from './world.ts'

const unlocked = ({ model }: World) => [...model.requests.values()].filter(({ id }) => !model.locked.has(id))

const cancelOne = command(
  'cancel the request',
  (world) => unlocked(world).filter(({ state }) => state === 'pending' || state === 'claimed'),
  async ({ prisma, model, seen }, { id, state }) => {
    const rows = await cancelRequests(prisma, [id], ['pending', 'claimed'])
    expect(rows.map((row) => row.inFlight)).toEqual([state === 'claimed'])
    seen.add(`cancelled: ${state}`)
    model.cancel(id)
  },
)

const redriveSome = command(
  'redrive',
  (world) => {
    const final = unlocked(world).filter(
      ({ state, key }) => ['failed', 'cancelled'].includes(state) && !world.isLocked(key),
    )
    const [first] = final
    // One of them, or all together, which then go in the order of their lines and places.
    return first ? [...final.map((one) => [one]), final, final] : []
  },
  async ({ prisma, model, seen }, requests) => {
    const ids = requests.map(({ id }) => id).reverse()
    const rows = await redriveRequests(prisma, ids, ['failed', 'cancelled'], {
      maxAttempts: null,
      expiresAfterMs: null,
    })
    const free = requests.filter(({ lease }) => lease !== 'running').map(({ id }) => id)
    expect(rows.map((row) => row.id).sort()).toEqual(free.sort())
    for (const kept of model.redrive(free)) seen.add(kept)
  },
)

/** What callers do to requests that are there. */
export const controlCommands: fc.Arbitrary<Command>[] = [cancelOne, redriveSome]
