import type { Database } from './store/database.ts'
import { selectTime } from './store/session.ts'

/** As many as a busy worker uses at a time: to claim, to settle, and for the rest. */
const CONNECTIONS = 3

/**
 * Lets the pool connect, if it has not, as often as a worker will need at once: to log in takes longer than a statement. A pool that has
 * fewer makes them wait for each other, and what is refused is asked for again when it is needed.
 */
export async function connectAhead({ client }: Database): Promise<void> {
  await Promise.allSettled(Array.from({ length: CONNECTIONS }, async () => selectTime(client)))
}
