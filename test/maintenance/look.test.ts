import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { Look } from '../../src/maintenance/look.ts'
import { wrapClient } from '../faults/wrapped-client.ts'
import { claim, endLeases } from '../support/factory.ts'
import { useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const url = 'http://example.com/'
/** A look from the beginning may take a twentieth of the time. */
const SLOW_MS = 100

/** Looks of which the first, from the beginning, is slow. */
function slowLook(): Look {
  let looks = 0
  const slow = wrapClient(database.prisma, async (call) => {
    if (looks++ === 0) await sleep(SLOW_MS)
    return call.run()
  })
  return new Look(slow, 0, [])
}

test('where looking from the beginning is slow, what becomes due later is found all the same', async () => {
  const { prisma } = database
  await prisma.httpRequest.create({ data: { channel: 'test', url } })
  await claim(prisma)
  const look = slowLook()
  expect(await look.once()).toMatchObject({ rescue: false, expire: null })
  await endLeases(prisma)
  await prisma.httpRequest.create({ data: { channel: 'test', url, expiresAt: new Date() } })
  expect(await look.once()).toMatchObject({ rescue: true, expire: true })
})

test('what a long transaction leaves behind the last look is found when it looks from the beginning again', async () => {
  const { prisma } = database
  const look = slowLook()
  expect(await look.once()).toMatchObject({ expire: null })
  await prisma.httpRequest.create({ data: { channel: 'test', url, expiresAt: new Date(Date.now() - 60_000) } })
  expect(await look.once()).toMatchObject({ expire: null })
  await vi.waitFor(async () => expect(await look.once()).toMatchObject({ expire: true }), { timeout: 10_000 })
})
