import type { Events } from '../events/events.ts'
import { type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { failExpiredRequests, findExpiredRequests } from '../store/rescues.ts'
import type { Apart } from './apart.ts'

const BATCH = 100

/** Fails waiting requests whose time to be sent has passed. Safe to run in any number of processes at once. */
export async function expireOnce(db: PrismaTransactionLike, events: Events, apart: Apart): Promise<number> {
  const found = await withDatabaseErrors(() => findExpiredRequests(db, BATCH, apart.refused))
  const ids = found.map(({ id }) => id)
  const fail = (some: readonly string[]) => withDatabaseErrors(() => failExpiredRequests(db, some))
  const rows = (await apart.run(ids, fail)).flat()
  for (const { id: requestId, ...row } of rows) {
    events.emit('failed', { requestId, ...row, failureCode: 'expired' })
  }
  return rows.length
}
