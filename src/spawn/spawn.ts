import { v7 as uuid } from 'uuid'
import { checkObject } from '../core/check.ts'
import type { NewRequest } from '../core/request.ts'
import { requestRow, type Vault } from '../encryption/vault.ts'
import { InvalidInputError } from '../errors.ts'
import type { ResolvedOptions } from '../options.ts'
import type { PrismaTransactionLike } from '../store/db.ts'
import { insertRequest, insertRequests } from '../store/requests.ts'
import type { HttpRequestInput } from './input.ts'
import { normalise } from './normalise.ts'
import { checkChannel, resolveSpawnOptions, type SpawnManyOptions, type SpawnOptions } from './options.ts'
import { inCallersTransaction } from './transaction.ts'

/** Checks a request and writes it, in the caller's transaction if there is one. Returns its id. */
export async function spawn(
  db: PrismaTransactionLike,
  channel: string,
  request: HttpRequestInput,
  options: SpawnOptions,
  defaults: ResolvedOptions,
  vault: Vault,
): Promise<string> {
  const { id = uuid(), ...placement } = resolveSpawnOptions(options, defaults.policy)
  const row = {
    id,
    channel: checkChannel(channel),
    ...placement,
    ...(await normalise('request', request, defaults.maxBodyBytes)),
  }
  await insert(db, options.tx, [row], vault)
  return id
}

/** As {@link spawn}, for many in one statement: all are written or none. Returns their ids in the given order. */
export async function spawnMany(
  db: PrismaTransactionLike,
  channel: string,
  requests: readonly HttpRequestInput[],
  options: SpawnManyOptions,
  defaults: ResolvedOptions,
  vault: Vault,
): Promise<string[]> {
  checkObject('options', options)
  if ('id' in options)
    throw new InvalidInputError('options.id', options.id, 'left out: each request gets an id of its own')
  if (!Array.isArray(requests)) throw new InvalidInputError('requests', requests, 'a list of requests')
  const placement = resolveSpawnOptions(options, defaults.policy)
  checkChannel(channel)
  // All are begun at once: what the caller does to a buffer after the call changes none of them.
  const contents = Array.from(requests, (request: HttpRequestInput, index) =>
    normalise(`requests[${index}]`, request, defaults.maxBodyBytes),
  )
  const rows = (await Promise.all(contents)).map((content) => ({ id: uuid(), channel, ...placement, ...content }))
  if (rows.length > 0) await insert(db, options.tx, rows, vault)
  return rows.map((row) => row.id)
}

async function insert(
  db: PrismaTransactionLike,
  tx: PrismaTransactionLike | undefined,
  rows: NewRequest[],
  vault: Vault,
): Promise<void> {
  const stored = rows.map((row) => ({ ...row, ...vault.seal(requestRow(row.id), row) }))
  const [first] = stored
  const write = (into: PrismaTransactionLike) =>
    first && stored.length === 1 ? insertRequest(into, first) : insertRequests(into, stored)
  await inCallersTransaction(db, tx, write)
}
