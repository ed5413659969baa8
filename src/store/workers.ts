import type { PrismaTransactionLike } from './db.ts'
import { textList } from './lists.ts'

/** A worker as it describes itself. */
export interface WorkerDescription {
  id: string
  host: string
  pid: number
  version: string
  /** Empty for all. */
  channels: readonly string[]
  concurrency: number
}

/** A worker that has not renewed its row for so long is gone. */
const GONE_S = 120

/**
 * Says that a worker is running, and forgets those that have not said so for long.
 *
 * @param reportsDepth - whether its process measures the queue now
 */
export function renewWorker(db: PrismaTransactionLike, worker: WorkerDescription, reportsDepth: boolean) {
  const { id, host, pid, version, channels, concurrency } = worker
  return db.$executeRaw`
    WITH /* requeuest:renewWorker */ gone AS (
      DELETE FROM requeuest_worker WHERE id = ANY (ARRAY(
        SELECT id FROM requeuest_worker
        WHERE last_seen_at < statement_timestamp() - ${GONE_S}::int * interval '1 second' AND id <> ${id}
        FOR UPDATE SKIP LOCKED)))
    INSERT INTO requeuest_worker (id, host, pid, version, channels, concurrency, reports_depth)
    VALUES (${id}, ${host}, ${pid}::int, ${version}, ${textList(channels)}::text[], ${concurrency}::int, ${reportsDepth}::boolean)
    ON CONFLICT (id) DO UPDATE SET last_seen_at = statement_timestamp(), reports_depth = excluded.reports_depth`
}

/** Three times what a worker lets pass between two signs of life. */
export const SILENT_MS = 45_000

/** Of the live workers whose processes measure the queue, the one that started first. */
export function findDepthReporter(db: PrismaTransactionLike) {
  return db.$queryRaw<{ id: string }[]>`
    SELECT /* requeuest:findDepthReporter */ id FROM requeuest_worker
    WHERE reports_depth AND last_seen_at > statement_timestamp() - ${SILENT_MS}::int * interval '1 millisecond'
    ORDER BY started_at, id LIMIT 1`
}

/** The worker has stopped. */
export function deleteWorker(db: PrismaTransactionLike, id: string) {
  return db.$executeRaw`DELETE /* requeuest:deleteWorker */ FROM requeuest_worker WHERE id = ${id}`
}
