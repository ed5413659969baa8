import { checkInteger, checkKeys, checkObject, checkText } from './core/check.ts'
import type { Rate, ScopeLimits, ScopeName } from './core/scope.ts'
import { hidden, InvalidInputError, RequeuestError } from './errors.ts'
import {
  countClaimed,
  pauseChannel,
  pauseOrigin,
  resumeChannel,
  resumeOrigin,
  setChannelLimits,
  setOriginLimits,
} from './store/controls.ts'
import { isTransactionOver, type PrismaTransactionLike, withDatabaseErrors } from './store/db.ts'

/** A channel by its name, or a receiver by its scheme, host and port; of a longer URL only those count. */
export type ControlTarget = { channel: string } | { origin: string | URL }

/** How many requests may be started in how long. */
export interface RateOptions {
  /** 1 to 1 000 000. */
  limit: number
  /** Milliseconds; up to a day. @default 1000 */
  intervalMs?: number
}

/** What all processes together may do. What is left out stays as it is; null takes the limit away. */
export interface LimitOptions {
  /** How many requests may be under way at once; 1 to 1 000 000. */
  concurrency?: number | null
  /** How many requests may be started, evenly spread over the interval. */
  rate?: RateOptions | null
}

/** How a pause or a limit is written. */
export interface ControlOptions {
  /** A client of a running Prisma transaction: then it holds if, and from when, that commits. @default none */
  tx?: PrismaTransactionLike
}

const MOST = 1_000_000
const DAY_MS = 86_400_000
const LONGEST_ORIGIN = 300

/** @returns how many of its requests may be under way */
export async function pause(
  db: PrismaTransactionLike,
  target: ControlTarget,
  options: ControlOptions,
): Promise<{ inFlight: number }> {
  const scope = resolveTarget(target)
  return write(db, options, async (into) => {
    await (scope.kind === 'channel' ? pauseChannel(into, scope.name) : pauseOrigin(into, scope.name))
    const [claimed] = await countClaimed(into, scope)
    return { inFlight: claimed?.count ?? 0 }
  })
}

/** @returns whether something kept it back */
export async function resume(
  db: PrismaTransactionLike,
  target: ControlTarget,
  options: ControlOptions,
): Promise<boolean> {
  const { kind, name } = resolveTarget(target)
  const resumeScope = kind === 'channel' ? resumeChannel : resumeOrigin
  return write(db, options, async (into) => (await resumeScope(into, name)) > 0)
}

export async function setLimits(
  db: PrismaTransactionLike,
  target: ControlTarget,
  limits: LimitOptions,
  options: ControlOptions,
): Promise<void> {
  const { kind, name } = resolveTarget(target)
  const resolved = resolveLimits(limits)
  const setScopeLimits = kind === 'channel' ? setChannelLimits : setOriginLimits
  await write(db, options, (into) => setScopeLimits(into, name, resolved))
}

async function write<T>(
  db: PrismaTransactionLike,
  options: ControlOptions,
  work: (into: PrismaTransactionLike) => PromiseLike<T>,
): Promise<T> {
  checkObject('options', options)
  checkKeys('options', options, ['tx'])
  const { tx } = options
  if (tx !== undefined && typeof (tx as Partial<PrismaTransactionLike> | null)?.$executeRaw !== 'function')
    throw new InvalidInputError('options.tx', hidden(tx), 'the client of a running Prisma transaction')
  try {
    return await withDatabaseErrors(() => work(tx ?? db))
  } catch (error) {
    const { cause } = error as RequeuestError
    if (tx === undefined || !isTransactionOver(cause)) throw error
    throw new RequeuestError('transaction_closed', 'options.tx is a transaction that is over.', { cause })
  }
}

function resolveTarget(target: ControlTarget): ScopeName {
  checkObject('target', target, 'an object such as { channel } or { origin }')
  checkKeys('target', target, ['channel', 'origin'])
  const { channel, origin }: { channel?: unknown; origin?: unknown } = target
  if (channel !== undefined) {
    if (origin !== undefined) throw new InvalidInputError('target.origin', origin, 'left out when `channel` is given')
    return { kind: 'channel', name: checkText('target.channel', channel, 200) }
  }
  return { kind: 'origin', name: resolveOrigin(origin) }
}

function resolveOrigin(given: unknown): string {
  const text = given instanceof URL ? given.href : given
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  const isSent = url !== undefined && ['http:', 'https:'].includes(url.protocol)
  if (isSent && url.origin.length <= LONGEST_ORIGIN) return url.origin
  throw new InvalidInputError('target.origin', text, "an http or https origin such as 'https://api.example.com'")
}

function resolveLimits(limits: LimitOptions): Partial<ScopeLimits> {
  checkObject('limits', limits, 'an object such as { concurrency: 5, rate: { limit: 100 } }')
  checkKeys('limits', limits, ['concurrency', 'rate'])
  const { concurrency, rate } = limits
  if (concurrency === undefined && rate === undefined)
    throw new InvalidInputError('limits', limits, 'at least one of `concurrency` and `rate`')
  return {
    ...(concurrency !== undefined && {
      concurrency: concurrency === null ? null : checkInteger('limits.concurrency', concurrency, 1, MOST),
    }),
    ...(rate !== undefined && { rate: rate === null ? null : resolveRate(rate) }),
  }
}

function resolveRate(rate: RateOptions): Rate {
  checkObject('limits.rate', rate, 'an object such as { limit: 100, intervalMs: 1000 }')
  checkKeys('limits.rate', rate, ['limit', 'intervalMs'])
  const { limit, intervalMs = 1000 } = rate
  return {
    limit: checkInteger('limits.rate.limit', limit, 1, MOST),
    intervalMs: checkInteger('limits.rate.intervalMs', intervalMs, 1, DAY_MS),
  }
}
