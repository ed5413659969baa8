import type { Events } from '../events/events.ts'
import { LONGEST_SPAN } from '../policy/activity.ts'
import { addActivity, listActivityNames } from '../store/activity.ts'
import { isAnswered, type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { startOfSpan, toRows } from './rows.ts'
import { Tally } from './tally.ts'

/** Where that much could not be written, it is dropped. */
const MOST_KEPT = 10_000

/**
 * Counts what the events of an instance tell, in memory, and adds it to the table when it is told to. What is counted is for charts: a process
 * that is killed loses it, and what may have been written without an answer is not written again.
 */
export class ActivityRecorder {
  readonly #db: PrismaTransactionLike
  #tally = new Tally()

  constructor(db: PrismaTransactionLike, events: Pick<Events, 'on'>) {
    this.#db = db
    events.on('attempt', (attempt) => this.#tally.attempt(attempt))
    events.on('delivered', (request) => this.#tally.final(request, 'delivered'))
    events.on('failed', (request) => this.#tally.final(request, 'failed'))
  }

  /** Writes what was counted since the last time. If that is refused, it is kept for the next. */
  async flush(): Promise<void> {
    const tally = this.#tally
    if (tally.size === 0) return
    this.#tally = new Tally()
    let isAdding = false
    try {
      await withDatabaseErrors(async () => {
        const names = await listActivityNames(this.#db, earliestSpan(tally))
        const [{ nowMs } = { nowMs: 0 }] = names
        isAdding = true
        await addActivity(this.#db, toRows(tally, Math.floor(nowMs / 60_000), names))
      })
    } catch (error) {
      const isUnwritten = !isAdding || isAnswered((error as Error).cause)
      if (isUnwritten && tally.size <= MOST_KEPT) this.#tally.add(tally)
      throw error
    }
  }
}

/** Null if everything is of now. */
function earliestSpan(tally: Tally): number | null {
  const minutes = [...tally.entries()].map(({ minute }) => minute).filter((minute) => minute !== null)
  return minutes.length === 0 ? null : startOfSpan(Math.min(...minutes), LONGEST_SPAN)
}
