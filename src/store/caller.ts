import { RequeuestError } from '../errors.ts'
import type { Database } from './database.ts'
import { isTransactionOver, type PrismaTransactionLike, withDatabaseErrors } from './db.ts'

/** What the library does last in each transaction of a caller. */
const turns = new WeakMap<PrismaTransactionLike, Promise<unknown>>()

/**
 * Runs work in the transaction that the caller gave as `options.tx`, behind all else that was called in it, or outside of any
 * when none was given. No statement may fail there that the work expects to: it would take with it what the caller wrote.
 */
export function inTransactionOfCaller<T>(
  db: Database,
  tx: PrismaTransactionLike | undefined,
  work: (into: PrismaTransactionLike) => PromiseLike<T>,
): Promise<T> {
  if (tx === undefined) return withDatabaseErrors(() => work(db))
  const turn = (turns.get(tx) ?? Promise.resolve()).then(() => run(() => work(db.in(tx))))
  turns.set(
    tx,
    turn.catch(() => {}),
  )
  return turn
}

async function run<T>(work: () => PromiseLike<T>): Promise<T> {
  try {
    return await withDatabaseErrors(work)
  } catch (error) {
    const { cause } = error as RequeuestError
    if (!isTransactionOver(cause)) throw error
    throw new RequeuestError(
      'transaction_closed',
      'options.tx is a transaction that is over: pass the client of a running `prisma.$transaction(async (tx) => …)` ' +
        'and await the call inside it.',
      { cause },
    )
  }
}
