import type { PrismaClient } from '../../generated/prisma/client.ts'
import { claim, endLeases } from '../support/factory.ts'

const DAY_MS = 86_400_000

/** Leaves something to do for every part of the maintenance, and no claim. Returns the request that a dead worker had claimed. */
export async function seedMaintenance(prisma: PrismaClient, url: string): Promise<string> {
  const request = (path: string, more = {}) =>
    prisma.httpRequest.create({ data: { channel: 'maintenance', url: url + path, ...more } })
  const rescued = await request('/rescued/200')
  await claim(prisma, { channel: 'maintenance', workerId: 'dead' })
  await endLeases(prisma)
  const schedule = (name: string, cron: string) =>
    prisma.httpSchedule.create({
      data: {
        name,
        cron,
        channel: 'maintenance',
        url: `${url}/scheduled/200`,
        nextRunAt: new Date(Date.now() - 10_000),
      },
    })
  await schedule('due', '@yearly')
  await schedule('broken', 'at tea time')
  const cancelledAgo = (days: number) =>
    ({ state: 'cancelled', finishedAt: new Date(Date.now() - days * DAY_MS) }) as const
  await request('/emptied/200', cancelledAgo(2))
  await request('/deleted/200', cancelledAgo(4))
  await request('/expired/200', { expiresAt: new Date(0), runAt: new Date(Date.now() + 3_600_000) })
  const head = await request('/turn1/200', { orderKey: 'turn' })
  await request('/turn2/200', { orderKey: 'turn' })
  await prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT tail FROM requeuest_line FOR UPDATE`
    await prisma.httpRequest.update({ where: { id: head.id }, data: { state: 'cancelled' } })
  })
  return rescued.id
}
