import { MAX_SPAN_MS } from '../check/bounds.ts'
import { checkDate, checkInteger, checkKeys, checkObject, checkText, checkUuid } from '../check/check.ts'
import { checkDuration, type Duration } from '../check/duration.ts'
import { InvalidInputError } from '../errors.ts'
import type { Placement } from '../policy/request.ts'
import type { PrismaTransactionLike } from '../store/db.ts'
import { type DedupeOptions, resolveDedupe } from './dedupe.ts'
import { POLICY_KEYS, type PolicyOptions, type ResolvedPolicy, resolvePolicy } from './instance.ts'
import { type OrderOptions, resolveOrder } from './order.ts'

/** Options of one spawn. Omitted options keep the instance's value; unknown keys are refused. */
export interface SpawnOptions extends PolicyOptions {
  /**
   * The client of a running Prisma transaction. The request exists if and only if that transaction commits.
   * @default a transaction of its own
   */
  tx?: PrismaTransactionLike
  /** The request's id, a UUID. Spawning an existing id changes nothing. @default a new UUID v7 */
  id?: string
  /** Priority within the channel, from 0 (first) to 9 (last). @default 5 */
  priority?: number
  /** The line of the request. @default none: sent as soon as a slot is free */
  order?: OrderOptions
  /** Makes repeated spawns of the same thing one request. @default not deduplicated */
  dedupe?: DedupeOptions
  /** Time from now until the request is due; 0 to 100 years. Excludes `runAt`. @default 0 */
  delay?: Duration
  /** When the request is due, by the database's clock; in the years 1970 to 9999. @default now */
  runAt?: Date
  /** When the request expires, by the database's clock. Excludes `expiresAfter`. @default as `expiresAfter` */
  expiresAt?: Date
}

/** Options of {@link Requeuest.spawnReturning}. There is no `tx`: a request is not sent before its transaction commits. */
export interface SpawnReturningOptions extends Omit<SpawnOptions, 'tx'> {
  /** Aborts the wait, but does not cancel the request. @default none */
  signal?: AbortSignal
  /** How long to wait, 0 to 24 days. The timeout does not cancel the request. @default no limit */
  waitTimeout?: Duration
}

const SPAWN_KEYS = ['tx', 'id', 'priority', 'order', 'dedupe', 'delay', 'runAt', 'expiresAt', ...POLICY_KEYS] as const

/** The options that `spawnReturning()` knows. */
export const SPAWN_RETURNING_KEYS = [...SPAWN_KEYS.filter((key) => key !== 'tx'), 'signal', 'waitTimeout'] as const

/** Checks spawn options, except `tx`, and fills in the defaults. Throws {@link InvalidInputError} if an option is invalid. */
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

export function checkChannel(channel: unknown, field = 'channel'): string {
  return checkText(field, channel, 200)
}

export function checkChannels(field: string, channels: readonly string[]): string[] {
  if (!Array.isArray(channels) || channels.length === 0) {
    throw new InvalidInputError(field, channels, "a list of at least one channel, or 'all'")
  }
  return [...new Set(Array.from(channels, (channel, index) => checkChannel(channel, `${field}[${index}]`)))]
}

export function checkId(id: string): string {
  return checkUuid('id', id)
}

function resolveDue({ delay, runAt }: SpawnOptions): Placement['due'] {
  if (runAt === undefined) {
    return { delayMs: delay === undefined ? 0 : checkDuration('options.delay', delay, 0, MAX_SPAN_MS) }
  }
  if (delay !== undefined) throw new InvalidInputError('options.delay', delay, 'omitted when `runAt` is given')
  return { atMs: checkDate('options.runAt', runAt) }
}

function resolveExpiry(
  { expiresAt, expiresAfter: own }: SpawnOptions,
  expiresAfterMs: number | null,
): Placement['expiry'] {
  if (expiresAt !== undefined) {
    if (own !== undefined) throw new InvalidInputError('options.expiresAfter', own, 'omitted when `expiresAt` is given')
    return { atMs: checkDate('options.expiresAt', expiresAt) }
  }
  if (expiresAfterMs === null) return null
  return { afterMs: expiresAfterMs }
}
