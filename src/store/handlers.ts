import type { PrismaTransactionLike } from './db.ts'
import { textList } from './lists.ts'

/** From now on, requests of these channels are marked as due to be handled when they become final. */
export function registerHandlers(db: PrismaTransactionLike, channels: readonly string[]) {
  return db.$executeRaw`
    INSERT /* requeuest:registerHandlers */ INTO requeuest_handler (channel) SELECT unnest(${textList(channels)}::text[]) ON CONFLICT (channel) DO NOTHING`
}

/**
 * Bounds each statement of the present transaction, and how long it may lie idle: then Postgres ends the connection, whose
 * client has stopped or cannot be reached.
 */
export function limitTransaction(tx: PrismaTransactionLike, statementMs: number, idleMs: number) {
  return tx.$queryRaw<unknown[]>`
    SELECT /* requeuest:limitTransaction */ set_config('statement_timeout', ${String(statementMs)}, true),
      set_config('idle_in_transaction_session_timeout', ${String(idleMs)}, true)`
}

/** Whether a request of the channel is due to be handled. */
export function findDueHandling(db: PrismaTransactionLike, channel: string) {
  return db.$queryRaw<{ found: boolean }[]>`
    SELECT /* requeuest:findDueHandling */ true AS found FROM requeuest_request
    WHERE channel = ${channel} AND handler_due_at IS NOT NULL AND handler_due_at <= statement_timestamp()
    LIMIT 1`
}

/** Locks the request of the channel that has been due to be handled for the longest, unless somebody else has. */
export function takeDueHandling(tx: PrismaTransactionLike, channel: string) {
  return tx.$queryRaw<{ id: string; failures: number }[]>`
    SELECT /* requeuest:takeDueHandling */ id::text, handler_errors AS failures FROM requeuest_request
    WHERE channel = ${channel} AND handler_due_at IS NOT NULL AND handler_due_at <= statement_timestamp()
      AND state IN ('delivered', 'failed', 'cancelled')
    ORDER BY handler_due_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED`
}

/** The request is handled. */
export function clearHandling(tx: PrismaTransactionLike, id: string) {
  return tx.$executeRaw`
    UPDATE /* requeuest:clearHandling */ requeuest_request SET handler_due_at = NULL, handler_errors = 0 WHERE id = ${id}::uuid`
}

/** The handler has failed. Where it turns out to have succeeded after all, nothing is changed. */
export function postponeHandling(db: PrismaTransactionLike, id: string, delayMs: number) {
  return db.$executeRaw`
    UPDATE /* requeuest:postponeHandling */ requeuest_request SET
      handler_due_at = statement_timestamp() + ${delayMs}::float8 * interval '1 millisecond',
      handler_errors = handler_errors + 1
    WHERE id = ${id}::uuid AND handler_due_at IS NOT NULL`
}
