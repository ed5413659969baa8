import { checkKeys, checkObject } from '../core/check.ts'
import { hidden, InvalidInputError, RequeuestError } from '../errors.ts'
import { isTransactionOver, type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'

/** Throws {@link InvalidInputError} for a `tx` that is none. */
export function checkTransaction(tx: unknown): void {
  if (tx !== undefined && typeof (tx as Partial<PrismaTransactionLike> | null)?.$executeRaw !== 'function') {
    throw new InvalidInputError('options.tx', hidden(tx), 'the client of a running Prisma transaction')
  }
}

/** Throws {@link InvalidInputError} for what are no options of a call that takes `tx` alone. */
export function checkTransactionOption(options: { tx?: unknown }): void {
  checkObject('options', options)
  checkKeys('options', options, ['tx'])
  checkTransaction(options.tx)
}

/** Does database work in the caller's transaction if there is one. */
export async function inCallersTransaction<T>(
  db: PrismaTransactionLike,
  tx: PrismaTransactionLike | undefined,
  work: (into: PrismaTransactionLike) => PromiseLike<T>,
): Promise<T> {
  try {
    return await withDatabaseErrors(() => work(tx ?? db))
  } catch (error) {
    if (tx === undefined || !isTransactionOver((error as RequeuestError).cause)) throw error
    throw new RequeuestError(
      'transaction_closed',
      'options.tx is a transaction that is over: pass the client of a running `prisma.$transaction(async (tx) => …)` ' +
        'and await the call inside it.',
      { cause: (error as RequeuestError).cause },
    )
  }
}
