import type { PrismaStatement, PrismaTransactionLike } from './db.ts'

/** Runs statements in the caller's transaction. When one fails, none counts, and the transaction stays usable. */
export async function inSavepoint(tx: PrismaTransactionLike, statements: PrismaStatement<unknown>[]): Promise<void> {
  await setSavepoint(tx)
  try {
    for (const statement of statements) await statement
  } catch (error) {
    await rollBackToSavepoint(tx)
    throw error
  } finally {
    await releaseSavepoint(tx)
  }
}

function setSavepoint(tx: PrismaTransactionLike) {
  return tx.$executeRaw`SAVEPOINT requeuest_spawn`
}

function rollBackToSavepoint(tx: PrismaTransactionLike) {
  return tx.$executeRaw`ROLLBACK TO SAVEPOINT requeuest_spawn`
}

function releaseSavepoint(tx: PrismaTransactionLike) {
  return tx.$executeRaw`RELEASE SAVEPOINT requeuest_spawn`
}
