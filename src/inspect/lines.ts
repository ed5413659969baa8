import { toDate } from '../check/moment.ts'
import { type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { listHeldLines } from '../store/inspect/lines.ts'
import { type BoundedCount, bounded } from './bounded-count.ts'

/** A line that is held by a failed request, until it is released. */
export interface HeldLine {
  channel: string
  /** Key of the line; '' is the line of the whole channel. */
  key: string
  /** Id of the request that holds it. */
  heldById: string
  heldAt: Date | null
  /** How many requests wait in it. More than 1000 are not counted: then `count` is 1001, and `isEstimate` true. */
  waiting: BoundedCount
}

const MOST_LINES = 1000
const MOST_WAITING = 1000

export async function lines(db: PrismaTransactionLike): Promise<HeldLine[]> {
  const rows = await withDatabaseErrors(() => listHeldLines(db, MOST_LINES, MOST_WAITING + 1))
  return rows.map(({ orderKey, heldAtMs, waiting, ...row }) => ({
    ...row,
    key: orderKey,
    heldAt: toDate(heldAtMs),
    waiting: bounded(waiting, MOST_WAITING, waiting),
  }))
}
