import { MAX_SPAN_MS } from '../check/bounds.ts'
import { checkDate, checkInteger, checkKeys, checkObject, checkText, checkUuid } from '../check/check.ts'
import { checkDuration, type Duration } from '../check/duration.ts'
import { InvalidInputError } from '../errors.ts'
import type { Placement } from '../policy/request.ts'
import type { PrismaTransactionLike } from '../store/db.ts'
import { type DedupeOptions, resolveDedupe } from './dedupe.ts'
import { POLICY_KEYS, type PolicyOptions, type ResolvedPolicy, resolvePolicy } from './instance.ts'
import { type OrderOptions, resolveOrder } from './order.ts'

/** Options of one spawn. What is left out keeps the instance's value; unknown keys are refused. */
export interface SpawnOptions extends PolicyOptions {
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
  order?: OrderOptions
  /** How a spawn that has been made already is recognised. @default it is not */
  dedupe?: DedupeOptions
  /** Due so long from now; 0 to 100 years. Not together with `runAt`. @default 0 */
  delay?: Duration
  /** Due at this moment, by the database's clock; in the years 1970 to 9999. @default now */
  runAt?: Date
  /** Give up at this moment, by the database's clock. Not together with `expiresAfter`. @default as `expiresAfter` */
  expiresAt?: Date
}

/** Options of a spawn that is waited for. It cannot be part of a transaction, which would never see the answer. */
export interface SpawnReturningOptions extends Omit<SpawnOptions, 'tx'> {
  /** Stops waiting; the request itself goes on. @default none */
  signal?: AbortSignal
  /** How long to wait, 0 to 24 days; the request itself goes on. @default no limit */
  waitTimeout?: Duration
}

const SPAWN_KEYS = ['tx', 'id', 'priority', 'order', 'dedupe', 'delay', 'runAt', 'expiresAt', ...POLICY_KEYS] as const

/** What a spawn that is waited for knows. */
export const SPAWN_RETURNING_KEYS = [...SPAWN_KEYS.filter((key) => key !== 'tx'), 'signal', 'waitTimeout'] as const

/** Checks spawn options, but for `tx`, and fills in what they leave out. */
export function resolveSpawnOptions(options: SpawnOptions, base: ResolvedPolicy): Placement & { id?: string } {
  checkObject('options', options)
  checkKeys('options', options, SPAWN_KEYS)
  const { id, priority = 5, order, dedupe } = options
  const { expiresAfterMs, ...policy } = resolvePolicy(options, base)
  return {
    ...policy,
    ...(id !== undefined && { id: checkUuid('options.id', id, 'a UUID') }),
    priority: checkInteger('options.priority', priority, 0, 9),
    ...resolveOrder(order),
    due: resolveDue(options),
    expiry: resolveExpiry(options, expiresAfterMs),
    dedupe: resolveDedupe(dedupe),
  }
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

function resolveDue({ delay, runAt }: SpawnOptions): Placement['due'] {
  if (runAt === undefined) {
    return { delayMs: delay === undefined ? 0 : checkDuration('options.delay', delay, 0, MAX_SPAN_MS) }
  }
  if (delay !== undefined) throw new InvalidInputError('options.delay', delay, 'left out when `runAt` is given')
  return { atMs: checkDate('options.runAt', runAt) }
}

function resolveExpiry(
  { expiresAt, expiresAfter: own }: SpawnOptions,
  expiresAfterMs: number | null,
): Placement['expiry'] {
  if (expiresAt !== undefined) {
    if (own !== undefined)
      throw new InvalidInputError('options.expiresAfter', own, 'left out when `expiresAt` is given')
    return { atMs: checkDate('options.expiresAt', expiresAt) }
  }
  if (expiresAfterMs === null) return null
  return { afterMs: expiresAfterMs }
}
