import type { Events } from '../events/events.ts'
import { type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { findExpiredClaims, rescueExpiredClaims } from '../store/rescues.ts'
import type { Apart } from './apart.ts'

const BATCH = 100
/** A request that takes this many workers down with it is given up. */
const MAX_LEASE_EXPIRIES = 5

/** Takes requests back from workers that did not report. Safe to run in any number of processes at once. */
export async function rescueOnce(db: PrismaTransactionLike, events: Events, apart: Apart): Promise<number> {
  const found = await withDatabaseErrors(() => findExpiredClaims(db, BATCH, apart.refused))
  const ids = found.map(({ id }) => id)
  const rescue = (some: readonly string[]) =>
    withDatabaseErrors(() => rescueExpiredClaims(db, some, MAX_LEASE_EXPIRIES))
  const rows = (await apart.run(ids, rescue)).flat()
  for (const { id: requestId, channel, method, origin, number, workerId, failureCode, ageMs } of rows) {
    events.emit('rescued', { requestId, channel, number, workerId })
    if (failureCode === null) continue
    events.emit('failed', { requestId, channel, method, origin, attempts: number, failureCode, ageMs })
  }
  return rows.length
}
