import { beforeAll, beforeEach } from 'vitest'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import type { PrismaTransactionLike } from '../../src/index.ts'
import { useDatabase } from '../support/fixture.ts'

/** A database with a table of the app's own, in which nothing keeps an effect from being there twice. */
export function useEffects() {
  const database = useDatabase()
  beforeAll(() => createEffects(database.prisma))
  beforeEach(async () => {
    await database.prisma.$executeRaw`TRUNCATE requeuest_handler, effect`
  })
  return database
}

export async function createEffects(prisma: PrismaClient): Promise<void> {
  await prisma.$executeRaw`CREATE TABLE IF NOT EXISTS effect (request_id uuid, state text)`
}

export function addEffect(tx: PrismaTransactionLike, request: { id: string; state: string }): PromiseLike<number> {
  return tx.$executeRaw`INSERT INTO effect VALUES (${request.id}::uuid, ${request.state})`
}

export async function effectsIn(prisma: PrismaClient): Promise<Record<string, string[]>> {
  const rows = await prisma.$queryRaw<{ id: string; state: string }[]>`SELECT request_id::text AS id, state FROM effect`
  return Object.fromEntries(rows.map(({ id }) => [id, rows.filter((row) => row.id === id).map(({ state }) => state)]))
}
