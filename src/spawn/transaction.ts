import { hidden, InvalidInputError } from '../errors.ts'
import type { PrismaClientLike, PrismaTransactionLike } from '../store/db.ts'

/** Throws {@link InvalidInputError} for a `tx` that is none. */
export function checkTransaction(tx: PrismaTransactionLike | undefined): PrismaTransactionLike | undefined {
  if (tx === undefined) return undefined
  const { $executeRaw: execute, $connect: connect }: Partial<PrismaClientLike> = tx ?? {}
  const expected = 'the client of a running Prisma transaction'
  if (typeof execute !== 'function') throw new InvalidInputError('options.tx', hidden(tx), expected)
  // What is done with that would stay when the transaction that was meant rolls back.
  if (connect !== undefined) throw new InvalidInputError('options.tx', hidden(tx), `${expected}, not the whole client`)
  return tx
}
