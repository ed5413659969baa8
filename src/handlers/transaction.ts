import { RequeuestError, reasonOf } from '../errors.ts'
import { onAbort } from '../runtime/abort.ts'
import { NO_LIMIT_MS, type PrismaClientLike, type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { clearHandling, limitTransaction } from '../store/handlers.ts'
import type { Handler } from './registry.ts'

const CONNECTION_WAIT_MS = 5000
/** A client that is quiet for so much longer than the handler may take is gone, and the locks with it. */
const IDLE_GRACE_MS = 30_000
/** A transaction that is kept open while user code runs in it. Its limit is kept here, that of each statement in Postgres. */
export function inOpenTransaction<T>(
  db: PrismaClientLike,
  { timeoutMs }: Handler,
  work: (tx: PrismaTransactionLike) => Promise<T>,
): Promise<T> {
  return withDatabaseErrors(() =>
    db.$transaction(
      async (tx) => {
        await limitTransaction(tx, timeoutMs, timeoutMs + IDLE_GRACE_MS)
        return work(tx)
      },
      { maxWait: CONNECTION_WAIT_MS, timeout: NO_LIMIT_MS },
    ),
  )
}

/** Runs the handler for a final request and records that in the same transaction. Throws what undoes all of it. */
export async function handle(
  tx: PrismaTransactionLike,
  handler: Handler,
  requestId: string,
  stopping: AbortSignal,
): Promise<void> {
  const call = await handler.prepare(tx, requestId)
  try {
    await withLimit(call, handler.timeoutMs, stopping)
  } catch (cause) {
    if (stopping.aborted) throw cause
    const message = `The handler of ${JSON.stringify(handler.channel)} failed for request ${requestId}: ${reasonOf(cause)}`
    throw new RequeuestError('handler_failed', message, { cause })
  }
  // Also finds out whether the handler has passed over an error of Postgres, which then commits nothing, and Prisma is silent.
  await clearHandling(tx, requestId)
}

/** The work is not stopped by its limit, but nothing that it does in the transaction counts any more. */
async function withLimit(work: () => unknown, ms: number, stopping: AbortSignal): Promise<void> {
  stopping.throwIfAborted()
  let timer: NodeJS.Timeout | undefined
  let takeBack: (() => void) | undefined
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it took longer than ${ms} ms`)), ms)
    takeBack = onAbort(stopping, () => reject(stopping.reason))
  })
  try {
    await Promise.race([work(), over])
  } finally {
    clearTimeout(timer)
    takeBack?.()
  }
}
