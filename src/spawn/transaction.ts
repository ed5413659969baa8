import { hidden, InvalidInputError } from '../errors.ts'
import type { PrismaTransactionLike } from '../store/db.ts'

/** Throws {@link InvalidInputError} for a `tx` that is none. */
export function checkTransaction(tx: PrismaTransactionLike | undefined): PrismaTransactionLike | undefined {
  if (tx === undefined || typeof (tx as Partial<PrismaTransactionLike> | null)?.$executeRaw === 'function') return tx
  throw new InvalidInputError('options.tx', hidden(tx), 'the client of a running Prisma transaction')
}
