import { MAX_SPAN_MS } from '../core/bounds.ts'
import { checkDate, checkInteger, checkKeys, checkObject, checkOneOf, checkText, checkUuid } from '../core/check.ts'
import type { AfterFailure, Placement } from '../core/request.ts'
import { InvalidInputError } from '../errors.ts'
import { POLICY_KEYS, type PolicyOptions, type ResolvedPolicy, resolvePolicy } from '../options.ts'
import type { PrismaTransactionLike } from '../store/db.ts'
import { DEDUPE_KEYS, type DedupeOptions, resolveDedupe } from './dedupe-options.ts'

/**
 * The line that a request stands in. Requests of one line are sent one after another, in the order in which their
 * transactions took their places: `'channel'` is the line of the whole channel, a key makes a line of its own.
 */
export type Order = 'channel' | { key: string }

/** Options of one spawn. What is left out keeps the instance's value; unknown keys are refused. */
export interface SpawnOptions extends PolicyOptions, DedupeOptions {
  /**
   * A client of a running Prisma transaction. The request then exists if, and only if, that transaction commits.
   * @default the spawn is a transaction of its own
   */
  tx?: PrismaTransactionLike
  /** The request's id, a UUID. Spawning an id that exists already changes nothing. @default a new UUID v7 */
  id?: string
  /** 0 goes first, 9 last, within the channel. @default 5 */
  priority?: number
  /** The line to stand in. @default none: sent as soon as there is a free slot */
  order?: Order
  /** What happens behind this request in its line when it fails for good. Needs `order`. @default 'continue' */
  afterFailure?: AfterFailure
  /** Due this many milliseconds from now. Not together with `runAt`. @default 0 */
  delayMs?: number
  /** Due at this moment, by the database's clock. */
  runAt?: Date
  /** Give up at this moment, by the database's clock. Not together with `expiresAfterMs`. */
  expiresAt?: Date
}

/** Options of a spawn that is waited for. It cannot be part of a transaction, which would never see the answer. */
export interface SpawnReturningOptions extends Omit<SpawnOptions, 'tx'> {
  /** Stops waiting; the request itself goes on. */
  signal?: AbortSignal
  /** Stop waiting after this many milliseconds; the request itself goes on. @default no limit */
  waitTimeoutMs?: number
}

const SPAWN_KEYS = [
  'tx',
  'id',
  'priority',
  'order',
  'afterFailure',
  'delayMs',
  'runAt',
  'expiresAt',
  ...DEDUPE_KEYS,
  ...POLICY_KEYS,
] as const

/** Checks spawn options, but for `tx`, and fills in what they leave out. */
export function resolveSpawnOptions(options: SpawnOptions, base: ResolvedPolicy): Placement & { id?: string } {
  checkObject('options', options)
  checkKeys('options', options, SPAWN_KEYS)
  const { id, priority = 5, order, afterFailure = 'continue' } = options
  if (options.afterFailure !== undefined && order === undefined) {
    throw new InvalidInputError('options.afterFailure', afterFailure, 'left out, or `order` given: it speaks of a line')
  }
  const { expiresAfterMs, ...policy } = resolvePolicy(options, base)
  return {
    ...policy,
    ...(id !== undefined && { id: checkUuid('options.id', id, 'a UUID') }),
    priority: checkInteger('options.priority', priority, 0, 9),
    orderKey: order === undefined ? null : resolveOrder('options.order', order),
    afterFailure: checkOneOf('options.afterFailure', afterFailure, ['continue', 'hold']),
    due: resolveDue(options),
    expiry: resolveExpiry(options, expiresAfterMs),
    dedupe: resolveDedupe(options),
  }
}

/** The key that a line is stored under: '' is the line of the whole channel. */
export function resolveOrder(field: string, order: Order): string {
  if (order === 'channel') return ''
  checkObject(field, order, "'channel' or { key }")
  checkKeys(field, order, ['key'])
  return checkText(`${field}.key`, order.key, 200)
}

export function checkChannel(channel: string): string {
  return checkText('channel', channel, 200)
}

export function checkChannels(field: string, channels: readonly string[]): string[] {
  if (!Array.isArray(channels) || channels.length === 0) {
    throw new InvalidInputError(field, channels, "a list of at least one channel, or 'all'")
  }
  return [...new Set(Array.from(channels, (channel, index) => checkText(`${field}[${index}]`, channel, 200)))]
}

export function checkId(id: string): string {
  return checkUuid('id', id)
}

function resolveDue({ delayMs, runAt }: SpawnOptions): Placement['due'] {
  if (runAt === undefined)
    return { delayMs: checkInteger('options.delayMs', delayMs === undefined ? 0 : delayMs, 0, MAX_SPAN_MS) }
  if (delayMs !== undefined) throw new InvalidInputError('options.delayMs', delayMs, 'left out when `runAt` is given')
  return { atMs: checkDate('options.runAt', runAt) }
}

function resolveExpiry(
  { expiresAt, expiresAfterMs: own }: SpawnOptions,
  expiresAfterMs: number | null,
): Placement['expiry'] {
  if (expiresAt !== undefined) {
    if (own !== undefined)
      throw new InvalidInputError('options.expiresAfterMs', own, 'left out when `expiresAt` is given')
    return { atMs: checkDate('options.expiresAt', expiresAt) }
  }
  if (expiresAfterMs === null) return null
  return { afterMs: expiresAfterMs }
}
