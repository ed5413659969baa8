import { checkKeys, checkObject } from '../check/check.ts'
import type { RequestState } from '../policy/request.ts'
import type { PrismaTransactionLike } from '../store/db.ts'
import { checkTransaction } from './transaction.ts'

/** Options of methods that change what is already in the database. */
export interface ControlOptions {
  /**
   * The client of a running Prisma transaction. The change takes effect if and only if that transaction commits.
   * @default a transaction of its own
   */
  tx?: PrismaTransactionLike
}

/** What {@link Requeuest.reschedule} and {@link Requeuest.retarget} did. */
export interface ChangeResult {
  /** Whether the request was changed. */
  changed: boolean
  /** The state it was found in; `claimed` means that it is being sent. Null if there is no such request. */
  state: RequestState | null
}

/** Returns the caller's transaction, if any. Throws {@link InvalidInputError} if an option is invalid. */
export function resolveControlOptions(options: ControlOptions): PrismaTransactionLike | undefined {
  checkObject('options', options)
  checkKeys('options', options, ['tx'])
  return checkTransaction(options)
}
