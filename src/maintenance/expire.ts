import type { Events } from '../runtime/events.ts'
import { inTransaction, type PrismaClientLike } from '../store/db.ts'
import { failExpiredRequests } from '../store/rescues.ts'

const BATCH = 100

/** Fails waiting requests whose time to be sent has passed. Safe to run in any number of processes at once. */
export async function expireOnce(db: PrismaClientLike, events: Events): Promise<number> {
  const [rows] = await inTransaction(db, [failExpiredRequests(db, BATCH)])
  for (const { id: requestId, channel, attempts } of rows) {
    events.emit('failed', { requestId, channel, attempts, failureCode: 'expired' })
  }
  return rows.length
}
