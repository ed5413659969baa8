import { randomBytes } from 'node:crypto'
import { v7 as uuid } from 'uuid'
import { checkObject } from '../check/check.ts'
import type { Vault } from '../encryption/vault.ts'
import { hidden, InvalidInputError, isRequeuestError } from '../errors.ts'
import type { SpawnInput } from '../message/input.ts'
import type { Message } from '../message/message.ts'
import { normalise } from '../message/normalise.ts'
import { checkCommonDedupe, type DedupeOptions, type SpawnManyDedupeOptions } from '../options/dedupe.ts'
import type { ResolvedOptions } from '../options/instance.ts'
import type { RetryOptions } from '../options/retry.ts'
import { checkChannel, resolveSpawnOptions, type SpawnOptions } from '../options/spawn.ts'
import { checkTransaction } from '../options/transaction.ts'
import type { BackoffOptions } from '../policy/backoff.ts'
import type { NewRequest, Placement } from '../policy/request.ts'
import type { Database } from '../store/database.ts'
import type { PrismaTransactionLike } from '../store/db.ts'
import { checkUnsigned } from './signed.ts'
import { insert, waitsForNobody } from './spawn.ts'

/** Options of {@link Requeuest.spawnMany}: those of a spawn, as defaults for each request. */
export interface SpawnManyOptions extends Omit<SpawnOptions, 'id' | 'dedupe'> {
  /** Dedupe options for the requests that have a `dedupe.key` of their own. @default as for one spawn */
  dedupe?: SpawnManyDedupeOptions
}

/**
 * Options of one request of a {@link Requeuest.spawnMany}. Omitted options are taken from those for all requests; `retry`,
 * `retry.backoff` and `dedupe` are merged key by key.
 */
export type SpawnItemOptions = Omit<SpawnOptions, 'tx'>

/** A request of a {@link Requeuest.spawnMany} with options of its own. */
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
  traceContext: string | null,
): Promise<{ ids: string[]; tx: PrismaTransactionLike | undefined }> {
  checkObject('options', options)
  const { dedupe, ...common } = options
  refuseOwn('options.id', options, 'id')
  refuseOwn('options.dedupe.key', dedupe, 'key')
  if (!Array.isArray(requests)) throw new InvalidInputError('requests', requests, 'a list of requests')
  checkCommonDedupe(dedupe)
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
    return { id, channel, placement, message, traceContext }
  }
}

/** Refuses what each request has one of its own of. */
function refuseOwn(field: string, options: object | undefined, name: string): void {
  if (typeof options !== 'object' || options === null || !(name in options)) return
  const expected = 'omitted: each request has one of its own, given as `{ request, options }`'
  throw new InvalidInputError(field, options[name as never], expected)
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
      throw new InvalidInputError(`requests[${index}].options.id`, id, `different from that of requests[${earlier}]`)
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
    throw new InvalidInputError(`${field}.${unknown}`, hidden(value), 'omitted: it knows `request` and `options`')
  }
  if (item.options === undefined) return placement
  checkObject(`${field}.options`, item.options)
  if ('tx' in item.options) {
    throw new InvalidInputError(`${field}.options.tx`, hidden(item.options.tx), 'omitted: it is given once, for all')
  }
  try {
    return resolveSpawnOptions(merge(common, item.options), defaults.policy)
  } catch (error) {
    throw isRequeuestError(error) && error instanceof InvalidInputError ? error.within(field) : error
  }
}

/** Each of these takes the place of the other. */
const INSTEAD_OF = {
  runAt: 'delay',
  delay: 'runAt',
  expiresAt: 'expiresAfter',
  expiresAfter: 'expiresAt',
} as const

function merge({ dedupe: commonDedupe, ...common }: SpawnManyOptions, own: SpawnItemOptions): SpawnOptions {
  const given = defined(own)
  const base = { ...common }
  for (const [name, other] of Object.entries(INSTEAD_OF)) {
    if (name in given) delete base[other]
  }
  const retry = mergeRetry(base.retry, given.retry)
  return {
    ...base,
    ...given,
    ...(retry !== undefined && { retry }),
    // Without a key of its own there is nothing that the common terms could speak of.
    ...(given.dedupe !== undefined && { dedupe: mergeTerms(commonDedupe, given.dedupe) as DedupeOptions }),
  }
}

function mergeRetry(common: RetryOptions | undefined, own: RetryOptions | undefined): RetryOptions | undefined {
  const retry = mergeTerms(common, own)
  const backoff = mergeTerms(withoutReplaced(common?.backoff, own?.backoff), own?.backoff)
  return isTerms(retry) && backoff !== undefined ? { ...retry, backoff } : retry
}

/** The waits one by one take the place of base and factor, and these of them. */
function withoutReplaced(common: BackoffOptions | undefined, own: BackoffOptions = {}): BackoffOptions | undefined {
  if (!isTerms(common) || !isTerms(own)) return common
  const { base, factor, delays, ...others } = common
  if (own.delays !== undefined) return others
  const isGrowing = own.base !== undefined || own.factor !== undefined
  return defined({ ...others, base, factor, delays: isGrowing ? undefined : delays }) as BackoffOptions
}

/** What is no object of options is passed on, to be refused as what was given. */
function mergeTerms<T extends object>(common: T | undefined, own: NoInfer<T> | undefined): T | undefined {
  if (own === undefined) return common
  return isTerms(own) ? { ...common, ...defined(own) } : own
}

function isTerms(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function defined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T
}
