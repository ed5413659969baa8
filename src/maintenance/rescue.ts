import type { Events } from '../runtime/events.ts'
import { inTransaction, type PrismaClientLike } from '../store/db.ts'
import { rescueExpiredClaims } from '../store/rescues.ts'

const BATCH = 100
/** A request that takes this many workers down with it is not tried for ever. */
const MAX_LEASE_EXPIRIES = 5

/** Takes requests back from workers that did not report. Safe to run in any number of processes at once. */
export async function rescueOnce(db: PrismaClientLike, events: Events): Promise<number> {
  const [rows] = await inTransaction(db, [rescueExpiredClaims(db, BATCH, MAX_LEASE_EXPIRIES)])
  for (const { id: requestId, channel, number, workerId, failureCode } of rows) {
    events.emit('rescued', { requestId, channel, number, workerId })
    if (failureCode !== null) events.emit('failed', { requestId, channel, attempts: number, failureCode })
  }
  return rows.length
}
