import fc from 'fast-check'
import { expect } from 'vitest'
import { decideOutcome } from '../../src/policy/outcome.ts'
import { releaseClaims, releaseUnknownClaims } from '../../src/store/claims.ts'
import { response, settleAll } from '../support/factory.ts'
import { type Command, command } from './command.ts'
import type { World } from './world.ts'

const WORKERS = ['w1', 'w2']

const claim = fc
  .record({
    worker: fc.constantFrom(...WORKERS),
    channels: fc.subarray(['a', 'b'], { minLength: 1 }),
    limit: fc.integer({ min: 1, max: 4 }),
    isAnswered: fc.constantFrom(true, true, true, false),
  })
  .map(
    (how): Command => ({
      check: () => true,
      async run(world) {
        await world.claim(how.worker, how.channels, how.limit, how.isAnswered)
        await world.compare()
      },
      toString: () => `claim ${JSON.stringify(how)}`,
    }),
  )

/** The attempts that workers hold, as far as nobody else has them locked. */
function heldHands(world: World): World['hands'] {
  return world.hands.filter(({ claim: { id, number } }) => isHeld(world, id, number))
}

function isHeld(world: World, id: string, number: number): boolean {
  const request = world.model.requests.get(id)
  return request?.state === 'claimed' && request.attempts === number && !world.isLocked(id)
}

/** Attempts that were taken from their worker, or whose request is locked or gone. */
function troubledHands(world: World): World['hands'] {
  return world.hands.filter(({ claim: { id, number } }) => !isHeld(world, id, number))
}

const settle = (status: number, isForgotten: boolean, choices = (world: World) => world.hands) =>
  command(`settle ${status}${isForgotten ? '' : ' (and perhaps again)'}`, choices, async (world, hand) => {
    const { claim: held, worker } = hand
    const delivery = response(status)
    const decision = decideOutcome(held, delivery, held.claimedAtMs, () => 0)
    const [row] = await settleAll(world.prisma, [{ claim: held, delivery, decision, workerId: worker }])
    const overtaken = world.model.requests.get(held.id)
    if (overtaken?.state === 'claimed' && overtaken.attempts > held.number) world.seen.add(`overtaken: ${status}`)
    expect(row!.verdict).toBe(world.model.settle(held.id, held.number, worker, decision))
    world.seen.add(`settled with ${status}: ${row!.verdict}`)
    if (isForgotten && row!.verdict !== 'busy') world.hands = world.hands.filter((one) => one !== hand)
  })

const release = command(
  'release',
  (world) => world.hands.filter(({ claim: { id, number } }) => !world.isLocked(id) && isUnsent(world, id, number)),
  async (world, hand) => {
    const { id, number } = hand.claim
    await releaseClaims(world.prisma, [hand.claim])
    const request = world.model.requests.get(id)
    if (request?.state === 'claimed' && request.attempts === number) world.model.release(request)
    world.hands = world.hands.filter((one) => one !== hand)
  },
)

/** A worker that reported an attempt does not give it back. */
function isUnsent(world: World, id: string, number: number): boolean {
  return !world.model.requests.get(id)?.history.has(number)
}

const releaseUnknown = command(
  'release what is unknown to',
  (world) => WORKERS.filter((worker) => unknown(world, worker).every(({ id }) => !world.isLocked(id))),
  async (world, worker) => {
    const lost = unknown(world, worker)
    const held = world.hands.filter((hand) => hand.worker === worker).map((hand) => hand.claim.id)
    expect(await releaseUnknownClaims(world.prisma, worker, held)).toBe(lost.length)
    if (lost.length > 0) world.seen.add('released what was unknown')
    for (const request of lost) world.model.release(request)
  },
)

function unknown({ model, hands }: World, worker: string) {
  const held = new Set(hands.filter((hand) => hand.worker === worker).map((hand) => hand.claim.id))
  return [...model.requests.values()].filter(
    ({ id, state, claimedBy }) => state === 'claimed' && claimedBy === worker && !held.has(id),
  )
}

const crash = command(
  'crash',
  () => WORKERS,
  async (world, worker) => {
    world.hands = world.hands.filter((hand) => hand.worker !== worker)
  },
)

const overtake = command('take from its worker', heldHands, async (world, { claim: { id }, worker }) => {
  await world.endLease(id)
  await world.rescue()
  await world.claim(worker === 'w1' ? 'w2' : 'w1')
})

const wearOut = command('take down five workers with', heldHands, async (world, { claim: { id } }) => {
  for (let expiries = 0; expiries < 5 && world.model.requests.get(id)?.state === 'claimed'; expiries++) {
    await world.endLease(id)
    await world.rescue()
    await world.claim('w1')
  }
})

/** What workers do, and what befalls them. */
export const workerCommands: fc.Arbitrary<Command>[] = [
  claim,
  claim,
  claim,
  settle(200, true),
  settle(200, false),
  settle(500, true),
  settle(500, true),
  settle(200, true, troubledHands),
  settle(500, false, troubledHands),
  release,
  releaseUnknown,
  crash,
  overtake,
  overtake,
  wearOut,
]
