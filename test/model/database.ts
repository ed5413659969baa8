import type { PrismaClient } from '../../generated/prisma/client.ts'
import type { PrismaTransactionLike } from '../../src/store/db.ts'
import { insertRequests } from '../../src/store/inserts.ts'
import type { StoredRequest } from '../../src/store/requests.ts'
import type { ModelRow, Spec } from './model.ts'

/** The requests in the form of the model. */
export function readRows(prisma: PrismaClient): Promise<ModelRow[]> {
  return prisma.$queryRaw<ModelRow[]>`
    SELECT id::text, channel, priority, order_key AS key, state::text, attempt_count AS attempts,
      lease_expiries AS expiries, failure_code AS "failureCode", blocked AS waits, unblock_due AS "unblockDue",
      claimed_by AS "claimedBy", run_at <= clock_timestamp() AS due,
      coalesce(expires_at <= clock_timestamp(), false) AS expired,
      CASE WHEN lease_until IS NULL THEN 'none' WHEN lease_until <= clock_timestamp() THEN 'over' ELSE 'running' END AS lease,
      ARRAY(
        SELECT number || ' ' || outcome || ' by ' || worker_id FROM requeuest_attempt
        WHERE request_id = request.id ORDER BY number) AS history
    FROM requeuest_request AS request ORDER BY id`
}

/** The ids in the order in which they are due. */
export async function readOrder(prisma: PrismaClient): Promise<string[]> {
  const rows = await prisma.$queryRaw<{ id: string }[]>`SELECT id::text FROM requeuest_request ORDER BY run_at, id`
  return rows.map((row) => row.id)
}

/** The lines, each with who holds it. */
export async function readLines(prisma: PrismaClient): Promise<[key: string, heldBy: string | null][]> {
  const lines = await prisma.httpLine.findMany({ orderBy: { orderKey: 'asc' } })
  return lines.map((line) => [line.orderKey, line.heldById])
}

export async function insert(db: PrismaTransactionLike, specs: readonly Spec[]): Promise<void> {
  await insertRequests(db, specs.map(toRow), false)
}

function toRow({ id, channel, priority, key, hold, maxAttempts, due }: Spec): StoredRequest {
  return {
    id,
    channel,
    method: 'GET',
    url: 'http://example.com/',
    headers: [],
    encryptionKey: null,
    traceContext: null,
    body: null,
    placement: {
      priority,
      orderKey: key,
      afterFailure: hold ? 'hold' : 'continue',
      accept: ['2xx'],
      timeoutMs: 30_000,
      maxRedirects: 0,
      retry: { maxAttempts, baseMs: 0, factor: 1, maxMs: 0, jitter: 'none' },
      onStatus: {},
      due: { delayMs: due ? 0 : 3_600_000 },
      expiry: { afterMs: 7_200_000 },
      dedupe: null,
    },
  }
}

/** A transaction of somebody else that stays open. */
export interface OpenTransaction {
  end(commit: boolean): Promise<void>
}

/** Does some work in a transaction of its own and keeps it open. */
export async function openTransaction(
  prisma: PrismaClient,
  work: (tx: PrismaTransactionLike) => PromiseLike<unknown>,
): Promise<OpenTransaction> {
  let commit = (): void => {}
  let rollBack = (_reason: Error): void => {}
  const ended = new Promise<void>((resolve, reject) => {
    commit = resolve
    rollBack = reject
  })
  return new Promise((begun, failed) => {
    const over = prisma
      .$transaction(
        async (tx) => {
          await work(tx)
          begun({
            async end(isCommitted) {
              if (isCommitted) commit()
              else rollBack(ROLLBACK)
              await over
            },
          })
          await ended
        },
        { timeout: 120_000 },
      )
      .catch((error) => {
        if (error !== ROLLBACK) failed(error)
      })
  })
}

const ROLLBACK = new Error('rolled back on purpose')
