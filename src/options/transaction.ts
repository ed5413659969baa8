import { checkObject } from '../check/check.ts'
import { hidden, InvalidInputError } from '../errors.ts'
import { kindOfClient, type PrismaTransactionLike } from '../store/db.ts'

/** Returns the caller's transaction, if any. Throws {@link InvalidInputError} if `tx` is not one. */
export function checkTransaction(options: { tx?: PrismaTransactionLike }): PrismaTransactionLike | undefined {
  checkObject('options', options)
  if (!('tx' in options)) return undefined
  const { tx } = options
  const kind = kindOfClient(tx)
  const expected = 'the client of a running Prisma transaction'
  // A transaction that went missing must not mean that what is done stays when that transaction rolls back.
  if (tx === undefined) throw new InvalidInputError('options.tx', tx, `${expected}, or omitted for none`)
  if (kind === null) throw new InvalidInputError('options.tx', hidden(tx), expected)
  // What is done with that would stay as well.
  if (kind === 'whole') throw new InvalidInputError('options.tx', hidden(tx), `${expected}, not the whole client`)
  return tx
}
