import { checkKeys, checkObject } from '../check/check.ts'
import type { RequestState } from '../policy/request.ts'
import type { PrismaTransactionLike } from '../store/db.ts'
import { checkTransaction } from './transaction.ts'

/** Options of what is done to requests that are spawned already. */
export interface ControlOptions {
  /**
   * A client of a running Prisma transaction. What is done then counts if, and only if, that transaction commits.
   * @default it is a transaction of its own
   */
  tx?: PrismaTransactionLike
}

/** What {@link Requeuest.reschedule} and {@link Requeuest.retarget} did. */
export interface ChangeResult {
  /** Whether the request is changed. */
  changed: boolean
  /** In which state it was found: `claimed` is being sent right now. Null when there is no such request. */
  state: RequestState | null
}

/** The transaction to work in, if the caller gave one. */
export function resolveControlOptions(options: ControlOptions): PrismaTransactionLike | undefined {
  checkObject('options', options)
  checkKeys('options', options, ['tx'])
  return checkTransaction(options)
}
