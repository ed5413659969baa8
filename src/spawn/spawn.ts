import { v7 as uuid } from 'uuid'
import { checkObject } from '../core/check.ts'
import type { NewRequest } from '../core/request.ts'
import { requestRow, type Vault } from '../encryption/vault.ts'
import { InvalidInputError, RequeuestError } from '../errors.ts'
import type { ResolvedOptions } from '../options.ts'
import { isTransactionOver, type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { insertRequest, insertRequests } from '../store/requests.ts'
import type { SpawnInput } from './input.ts'
import { normalise } from './normalise.ts'
import { checkChannel, resolveSpawnOptions, type SpawnManyOptions, type SpawnOptions } from './options.ts'
import { checkUnsigned } from './signed.ts'

/** Checks a request and writes it, in the caller's transaction if there is one. Returns its id. */
export async function spawn(
  db: PrismaTransactionLike,
  channel: string,
  request: SpawnInput,
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
  checkUnsigned('request', row.headers, channel, defaults)
  await insert(db, options.tx, [row], vault)
  return id
}

/** As {@link spawn}, for many in one statement: all are written or none. Returns their ids in the given order. */
export async function spawnMany(
  db: PrismaTransactionLike,
  channel: string,
  requests: readonly SpawnInput[],
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
  const contents = Array.from(requests, (request: SpawnInput, index) =>
    normalise(`requests[${index}]`, request, defaults.maxBodyBytes),
  )
  const rows = (await Promise.all(contents)).map((content) => ({ id: uuid(), channel, ...placement, ...content }))
  for (const [index, row] of rows.entries()) checkUnsigned(`requests[${index}]`, row.headers, channel, defaults)
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
  try {
    await withDatabaseErrors(() => write(tx ?? db))
  } catch (error) {
    if (tx === undefined || !isTransactionOver((error as RequeuestError).cause)) throw error
    throw new RequeuestError(
      'transaction_closed',
      'options.tx is a transaction that is over: pass the client of a running `prisma.$transaction(async (tx) => …)` ' +
        'and await the call inside it.',
      { cause: (error as RequeuestError).cause },
    )
  }
}
