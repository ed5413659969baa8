import { vi } from 'vitest'
import type { PrismaClient } from '../../generated/prisma/client.ts'

export async function until(condition: () => Promise<unknown>): Promise<void> {
  await vi.waitUntil(condition, { interval: 30, timeout: 15_000 })
}

/** How many requests are not final. */
export function countLive(prisma: PrismaClient): Promise<number> {
  return prisma.httpRequest.count({ where: { state: { in: ['pending', 'claimed'] } } })
}
