import { randomBytes } from 'node:crypto'
import { v7 as uuid } from 'uuid'
import { checkObject } from '../core/check.ts'
import type { Message, NewRequest, Placement } from '../core/request.ts'
import type { Vault } from '../encryption/vault.ts'
import { hidden, InvalidInputError, isRequeuestError } from '../errors.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Database } from '../store/database.ts'
import type { PrismaTransactionLike } from '../store/db.ts'
import { resolveDedupeTerms } from './dedupe-options.ts'
import type { SpawnInput } from './input.ts'
import { normalise } from './normalise.ts'
import { checkChannel, resolveSpawnOptions, type SpawnOptions } from './options.ts'
import { checkUnsigned } from './signed.ts'
import { insert, waitsForNobody } from './spawn.ts'
import { checkTransaction } from './transaction.ts'

/** Options of spawning many at once: those of one spawn, for each of them that has no others. */
export type SpawnManyOptions = Omit<SpawnOptions, 'id' | 'dedupeKey'>

/** Options of one among many. What is left out is taken from the options of all. */
export type SpawnItemOptions = Omit<SpawnOptions, 'tx'>

/** A request among many that has options of its own. */
export interface SpawnManyItem {
  request: SpawnInput
  options?: SpawnItemOptions
}

/**
 * Spawns many requests in one statement: all are written or none.
 *
 * @returns their ids in the given order, and the caller's transaction
 */
export async function spawnMany(
  db: Database,
  channel: string,
  requests: readonly (SpawnInput | SpawnManyItem)[],
  options: SpawnManyOptions,
  defaults: ResolvedOptions,
  vault: Vault,
): Promise<{ ids: string[]; tx: PrismaTransactionLike | undefined }> {
  checkObject('options', options)
  for (const name of ['id', 'dedupeKey'] as const) {
    if (!(name in options)) continue
    const expected = 'left out: each request has one of its own, given as `{ request, options }`'
    throw new InvalidInputError(`options.${name}`, options[name as never], expected)
  }
  if (!Array.isArray(requests)) throw new InvalidInputError('requests', requests, 'a list of requests')
  const { dedupeForMs: _forMs, onDuplicate: _onDuplicate, ...common } = options
  resolveDedupeTerms(options)
  const placement = resolveSpawnOptions(common, defaults.policy)
  const tx = checkTransaction(options)
  checkChannel(channel)
  const ids = uuids(requests.length)
  // All are begun at once: what the caller does to a buffer after the call changes none of them.
  const begun = Array.from(requests, (element: SpawnInput | SpawnManyItem, index) => begin(() => read(element, index)))
  // One that is there already is not waited for: a promise for each would take as long as all the rest.
  const rows = begun.some((row) => row instanceof Promise) ? await Promise.all(begun) : (begun as NewRequest[])
  const areIdsNew = rows.every(({ id }, index) => id === ids[index])
  if (!areIdsNew) checkIds(rows)
  const areNew = areIdsNew && rows.every((row) => waitsForNobody(row.placement))
  return { ids: rows.length === 0 ? [] : await insert(db, tx, rows, vault, areNew), tx }

  function read(element: SpawnInput | SpawnManyItem, index: number): NewRequest | Promise<NewRequest> {
    const field = `requests[${index}]`
    const id = ids[index] as string
    if (!isItem(element)) return withMessage(field, element, id, placement)
    const { id: own = id, ...ownPlacement } = resolveItem(field, element, options, placement, defaults)
    return withMessage(`${field}.request`, element.request, own, ownPlacement)
  }

  function withMessage(field: string, request: SpawnInput, id: string, placement: Placement) {
    const message = normalise(field, request, defaults.maxBodyBytes)
    return message instanceof Promise
      ? message.then((read) => complete(field, id, placement, read))
      : complete(field, id, placement, message)
  }

  function complete(field: string, id: string, placement: Placement, message: Message): NewRequest {
    checkUnsigned(field, message.headers, channel, defaults)
    return { id, channel, placement, message }
  }
}

/** What `work` throws at once fails later, as what it promises does. */
function begin<T>(work: () => T | Promise<T>): T | Promise<T> {
  try {
    return work()
  } catch (error) {
    return Promise.reject(error)
  }
}

/** Of two with one id, only the first would be written. */
function checkIds(rows: readonly { id: string }[]): void {
  const places = new Map<string, number>()
  for (const [index, { id }] of rows.entries()) {
    const earlier = places.get(id)
    if (earlier !== undefined) {
      throw new InvalidInputError(`requests[${index}].options.id`, id, `another one than that of requests[${earlier}]`)
    }
    places.set(id, index)
  }
}

/** UUIDs v7 in ascending order. The random bytes are fetched in one go, which costs less than to do so for each. */
function uuids(count: number): string[] {
  const random = randomBytes(16 * count + 4)
  const msecs = Date.now()
  // Half of the range is left to count in.
  const seq = random.readUInt32BE(16 * count) >>> 1
  return Array.from({ length: count }, (_, index) =>
    uuid({ msecs, seq: seq + index, random: random.subarray(16 * index, 16 * index + 16) }),
  )
}

function isItem(element: unknown): element is SpawnManyItem {
  return typeof element === 'object' && element !== null && Object.hasOwn(element, 'request')
}

function resolveItem(
  field: string,
  item: SpawnManyItem,
  common: SpawnManyOptions,
  placement: Placement,
  defaults: ResolvedOptions,
): Placement & { id?: string } {
  const unknown = Object.keys(item).find((key) => key !== 'request' && key !== 'options')
  if (unknown !== undefined) {
    const value = item[unknown as keyof SpawnManyItem]
    throw new InvalidInputError(`${field}.${unknown}`, hidden(value), 'left out: it knows `request` and `options`')
  }
  if (item.options === undefined) return placement
  checkObject(`${field}.options`, item.options)
  if ('tx' in item.options) {
    throw new InvalidInputError(`${field}.options.tx`, hidden(item.options.tx), 'left out: it is given once, for all')
  }
  try {
    return resolveSpawnOptions(merge(common, item.options), defaults.policy)
  } catch (error) {
    throw isRequeuestError(error) && error instanceof InvalidInputError ? error.within(field) : error
  }
}

/** Each of these takes the place of the other. */
const INSTEAD_OF = {
  runAt: 'delayMs',
  delayMs: 'runAt',
  expiresAt: 'expiresAfterMs',
  expiresAfterMs: 'expiresAt',
} as const

function merge(common: SpawnManyOptions, own: SpawnItemOptions): SpawnOptions {
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)) as SpawnItemOptions
  const base: SpawnManyOptions = { ...common }
  for (const [name, other] of Object.entries(INSTEAD_OF)) {
    if (name in given) delete base[other]
  }
  if (!('dedupeKey' in given)) {
    delete base.dedupeForMs
    delete base.onDuplicate
  }
  const backoff =
    given.backoff && base.backoff ? { ...base.backoff, ...given.backoff } : (given.backoff ?? base.backoff)
  return { ...base, ...given, ...(backoff !== undefined && { backoff }) }
}
