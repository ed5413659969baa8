import type { Prisma, PrismaClient } from '../../generated/prisma/client.ts'

/**
 * How many rows and index entries `work` reads of the relations whose names are like that, as its own transaction counts
 * them: before version 15, Postgres publishes what a session has read only some time after it.
 */
export async function entriesRead(
  prisma: PrismaClient,
  names: string,
  work: (tx: Prisma.TransactionClient) => PromiseLike<unknown>,
): Promise<number> {
  return prisma.$transaction(async (tx) => {
    const before = await readSoFar(tx, names)
    await work(tx)
    return (await readSoFar(tx, names)) - before
  })
}

async function readSoFar(tx: Prisma.TransactionClient, names: string): Promise<number> {
  const [row] = await tx.$queryRaw<[{ reads: number }]>`
    SELECT sum(pg_stat_get_xact_tuples_returned(oid))::int AS reads FROM pg_class WHERE relname LIKE ${names}`
  return row.reads
}
