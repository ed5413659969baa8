import { v7 as uuid } from 'uuid'
import type { Vault } from '../encryption/vault.ts'
import type { SpawnInput } from '../message/input.ts'
import { normalise } from '../message/normalise.ts'
import type { ResolvedOptions } from '../options/instance.ts'
import { checkChannel, resolveSpawnOptions, type SpawnOptions } from '../options/spawn.ts'
import { checkTransaction } from '../options/transaction.ts'
import type { NewRequest, Placement } from '../policy/request.ts'
import type { Reserve } from '../policy/reservation.ts'
import { inTransactionOfCaller } from '../store/caller.ts'
import type { Database } from '../store/database.ts'
import type { PrismaTransactionLike } from '../store/db.ts'
import { insertRequests } from '../store/inserts.ts'
import { insertRequest } from '../store/requests.ts'
import { insertWithKeys } from './dedupe.ts'
import { insertReserved, reserveFor } from './eager.ts'
import type { InsertBatcher } from './insert-batcher.ts'
import { sealed } from './sealed.ts'
import { checkUnsigned } from './signed.ts'

/**
 * Checks a request and writes it in one of four ways:
 *
 * - With `tx`: in the caller's transaction. Workers find it by polling, after the commit.
 * - Eager dispatch: due now, in no line, without a dedupe key or a limit, while an idle worker of this process has a free slot.
 *   The row is inserted as claimed, and the worker starts it without a claim.
 * - Batch: in no line, without a dedupe key and with a generated id. Requests spawned at the same time share one statement,
 *   which also notifies other processes.
 * - By itself: in a line, with a dedupe key or with an id of the caller's. It may wait for a lock that another transaction
 *   holds, and nobody else shall wait with it. Keys that are taken are resolved by {@link insertWithKeys}.
 *
 * @returns its id, whether a worker in this process has it already, whether other processes were notified of it, and the
 *   caller's transaction, which the options may have lost by then
 */
export async function spawn(
  db: Database,
  channel: string,
  request: SpawnInput,
  options: SpawnOptions,
  defaults: ResolvedOptions,
  vault: Vault,
  reserve: Reserve,
  together: InsertBatcher,
  traceContext: string | null,
): Promise<{ id: string; isTaken: boolean; isTold: boolean; tx: PrismaTransactionLike | undefined }> {
  const { id: own, ...placement } = resolveSpawnOptions(options, defaults.policy)
  const tx = checkTransaction(options)
  const id = own ?? uuid()
  checkChannel(channel)
  const message = await normalise('request', request, defaults.maxBodyBytes)
  checkUnsigned('request', message.headers, channel, defaults)
  const row = { id, channel, placement, message, traceContext }
  const reservation = tx ? null : reserveFor(row, reserve)
  if (reservation) return { id, isTaken: await insertReserved(db, row, vault, reservation), isTold: false, tx }
  if (tx === undefined && own === undefined && waitsForNobody(placement)) {
    return { id, isTaken: false, isTold: await together.insert(row), tx }
  }
  const [written = id] = await insert(db, tx, [row], vault)
  return { id: written, isTaken: false, isTold: false, tx }
}

/** Whether no open transaction of somebody else can block the insert: that takes a common line or key. */
export function waitsForNobody({ orderKey, dedupe }: Placement): boolean {
  return orderKey === null && dedupe === null
}

/**
 * Writes requests of one channel. Returns the ids under which they are found.
 *
 * @param areNew - as {@link insertRequests} means it
 */
export async function insert(
  db: Database,
  tx: PrismaTransactionLike | undefined,
  rows: readonly NewRequest[],
  vault: Vault,
  areNew = false,
): Promise<string[]> {
  const write = async (into: PrismaTransactionLike, some: readonly NewRequest[]): Promise<number> => {
    const stored = some.map((row) => sealed(row, vault))
    const [first] = stored
    if (first && stored.length === 1) return (await insertRequest(into, first, null)).length
    return insertRequests(into, stored, areNew)
  }
  if (rows.some((row) => row.placement.dedupe !== null)) return insertWithKeys(db, tx, rows, vault, write)
  await inTransactionOfCaller(db, tx, (into) => write(into, rows))
  return rows.map((row) => row.id)
}
