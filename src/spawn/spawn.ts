import { v7 as uuid } from 'uuid'
import type { NewRequest } from '../core/request.ts'
import { InvalidInputError } from '../errors.ts'
import type { ResolvedOptions } from '../options.ts'
import { type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { insertRequests } from '../store/requests.ts'
import type { HttpRequestInput } from './input.ts'
import { normalise } from './normalise.ts'
import { checkChannel, resolveSpawnOptions, type SpawnManyOptions, type SpawnOptions } from './options.ts'

/** Checks a request and writes it, in the caller's transaction if there is one. Returns its id. */
export async function spawn(
  db: PrismaTransactionLike,
  channel: string,
  request: HttpRequestInput,
  options: SpawnOptions,
  defaults: ResolvedOptions,
): Promise<string> {
  const { id = uuid(), ...placement } = resolveSpawnOptions(options, defaults.policy)
  const row = {
    id,
    channel: checkChannel(channel),
    ...placement,
    ...(await normalise('request', request, defaults.maxBodyBytes)),
  }
  await insert(options.tx ?? db, [row])
  return id
}

/** As {@link spawn}, for many in one statement: all are written or none. Returns their ids in the given order. */
export async function spawnMany(
  db: PrismaTransactionLike,
  channel: string,
  requests: readonly HttpRequestInput[],
  options: SpawnManyOptions,
  defaults: ResolvedOptions,
): Promise<string[]> {
  if ('id' in options)
    throw new InvalidInputError('options.id', options.id, 'left out: each request gets an id of its own')
  if (!Array.isArray(requests)) throw new InvalidInputError('requests', requests, 'a list of requests')
  const placement = resolveSpawnOptions(options, defaults.policy)
  checkChannel(channel)
  const rows: NewRequest[] = []
  for (const [index, request] of requests.entries()) {
    const content = await normalise(`requests[${index}]`, request, defaults.maxBodyBytes)
    rows.push({ id: uuid(), channel, ...placement, ...content })
  }
  if (rows.length > 0) await insert(options.tx ?? db, rows)
  return rows.map((row) => row.id)
}

async function insert(db: PrismaTransactionLike, rows: NewRequest[]): Promise<void> {
  await withDatabaseErrors(() => insertRequests(db, rows))
}
