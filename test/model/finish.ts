import { expect } from 'vitest'
import { toClaimedRequest } from '../../src/store/claimed-row.ts'
import { claimRequests } from '../../src/store/claims.ts'
import { releaseLine, unblockLine } from '../../src/store/lines.ts'
import { claimTerms, rescue, response, settleAll, unblockAllLines } from '../support/factory.ts'
import type { World } from './world.ts'

/** More than any history needs. */
const MOST_ROUNDS = 1000

/** Ends a history as time and workers would, and expects that nothing is left. */
export async function finish(world: World): Promise<void> {
  const { prisma } = world
  while (world.open.length > 0) await world.endTransaction(0, true)
  await prisma.$executeRaw`UPDATE requeuest_request SET lease_until = now() - interval '1 s' WHERE lease_until IS NOT NULL`
  await prisma.$executeRaw`UPDATE requeuest_request SET run_at = now() - interval '1 s' WHERE run_at > now()`
  await rescue(prisma, 1000, 1000)
  for (let rest = 1, rounds = 0; rest > 0; rounds++) {
    if (rounds > MOST_ROUNDS) throw new Error(`after ${rounds} rounds there is still ${rest} to do`)
    const held = await prisma.httpLine.findMany({ where: { heldById: { not: null } } })
    for (const { channel, orderKey } of held) {
      await prisma.$transaction([
        releaseLine(prisma, channel, orderKey),
        unblockLine(prisma, channel, orderKey),
      ] as never)
    }
    const turns = await unblockAllLines(prisma, 1000)
    const claims = (
      await claimRequests(prisma, claimTerms({ channels: ['a', 'b'], limit: 1000, workerId: 'last' }))
    ).map(toClaimedRequest)
    for (const claim of claims) {
      const decision = { state: 'delivered', outcome: 'accepted' } as const
      await settleAll(prisma, [{ claim, delivery: response(200), decision, workerId: 'last' }])
    }
    rest = claims.length + held.length + turns
  }
  await expectNothingLeft(world)
}

async function expectNothingLeft({ prisma }: World): Promise<void> {
  const requests = await prisma.httpRequest.findMany({ include: { attempts: true } })
  expect(requests.filter((request) => ['pending', 'claimed'].includes(request.state))).toEqual([])
  expect(requests.filter((request) => request.unblockDue)).toEqual([])
  expect(await prisma.httpLine.findMany()).toEqual([])
  const untold = requests.filter((request) => request.attempts.length !== request.attemptCount)
  expect(untold.map(({ state, attemptCount, attempts }) => ({ state, attemptCount, rows: attempts.length }))).toEqual(
    [],
  )
}
