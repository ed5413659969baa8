import { toDate } from '../check/moment.ts'
import { type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { listHeldLines } from '../store/inspect/lines.ts'
import { type BoundedCount, bounded } from './bounded-count.ts'
import { type Effort, THOROUGH } from './effort.ts'

/** A line that is held by a failed request, until it is released. */
export interface HeldLine {
  channel: string
  /** Key of the line; '' is the line of the whole channel. */
  key: string
  /** Id of the request that holds it. */
  heldById: string
  heldAt: Date | null
  /**
   * How many requests wait in it. More than 1000 are not counted, or fewer where many lines are held: then `count` is one more
   * than were, and `isEstimate` true.
   */
  waiting: BoundedCount
}

const MOST_WAITING = 1000

export async function lines(db: PrismaTransactionLike, effort: Effort = THOROUGH): Promise<HeldLine[]> {
  const { lines, countedInAll } = effort
  const rows = await withDatabaseErrors(() => listHeldLines(db, lines, MOST_WAITING, countedInAll))
  return rows.map(({ orderKey, heldAtMs, waiting, most, ...row }) => ({
    ...row,
    key: orderKey,
    heldAt: toDate(heldAtMs),
    waiting: bounded(waiting, most, waiting),
  }))
}
