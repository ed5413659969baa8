import { vi } from 'vitest'
import type { PrismaClient } from '../../generated/prisma/client.ts'

export async function until(condition: () => Promise<unknown>): Promise<void> {
  await vi.waitUntil(condition, { interval: 30, timeout: 15_000 })
}

/** How many requests are not final, and how many schedules have neither fired nor a problem. */
export async function countLive(prisma: PrismaClient): Promise<number> {
  const waiting = await prisma.httpSchedule.count({ where: { pausedAt: null, lastRunAt: null, problem: null } })
  return waiting + (await prisma.httpRequest.count({ where: { state: { in: ['pending', 'claimed'] } } }))
}
