import { toDate } from '../check/moment.ts'
import { type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { listWorkers, type WorkerRow } from '../store/inspect/workers.ts'
import { SILENT_MS } from '../store/workers.ts'
import { THOROUGH } from './effort.ts'

/** A worker, as it registered at its start. */
export interface FoundWorker {
  /** Host, process id and a random part, as in the rows of its attempts. */
  id: string
  host: string
  pid: number
  /** Version of the library. */
  version: string
  channels: readonly string[] | 'all'
  /** How many requests it may have in flight. */
  concurrency: number
  /** How many requests it holds. */
  claimed: number
  startedAt: Date
  lastSeenAt: Date
  /** False if it has not been seen for 45 s: it has died, or does not reach the database. It is forgotten after two minutes. */
  isLive: boolean
}

export async function workers(db: PrismaTransactionLike): Promise<FoundWorker[]> {
  const rows = await withDatabaseErrors(() => listWorkers(db, THOROUGH.counted))
  return rows.map((row) => {
    const { channels, startedAtMs, lastSeenAtMs, silentMs: _silent, ...rest } = row
    return {
      ...rest,
      channels: channels.length === 0 ? 'all' : channels,
      startedAt: toDate(startedAtMs),
      lastSeenAt: toDate(lastSeenAtMs),
      isLive: isLive(row),
    }
  })
}

export function isLive({ silentMs }: Pick<WorkerRow, 'silentMs'>): boolean {
  return silentMs < SILENT_MS
}
