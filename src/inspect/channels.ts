import { toDate } from '../check/moment.ts'
import type { RateLimit } from '../policy/scope.ts'
import { clamp } from '../runtime/clamp.ts'
import { type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { countClaims, countInLines, countReady, listLiveChannels, sampleChannels } from '../store/inspect/channels.ts'
import { findLimit, type LimitRow, listLimits } from '../store/inspect/limits.ts'
import { listWorkers } from '../store/inspect/workers.ts'
import { type BoundedCount, bounded } from './bounded-count.ts'
import { type Effort, THOROUGH } from './effort.ts'
import { isLive } from './workers.ts'

/** A channel that has live requests, a pause or a limit. */
export interface FoundChannel {
  channel: string
  /** Pending requests that may be sent now. */
  due: BoundedCount
  /** Pending requests whose `runAt` has not come. */
  delayed: BoundedCount
  /** Pending requests that wait for an earlier one of their line, or for the line to be released. */
  inLine: BoundedCount
  /** Requests that workers hold, and may be sending. */
  claimed: BoundedCount
  /** Since when the first due request is due; null if none is. */
  oldestDueAt: Date | null
  /** How many milliseconds ago that was, by the database's clock. */
  oldestDueMs: number | null
  /** How many live workers take requests of the channel. With due requests and no worker, nothing is sent. */
  workers: number
  pausedAt: Date | null
  /** How many of its requests may be in flight at once; null for no limit. */
  concurrency: number | null
  /** How many of its requests may start in an interval; null for no limit. */
  rate: RateLimit | null
}

/** How many are found, the first ones by name. */
export const MOST_CHANNELS = 1000
const LEAST_COUNTED = 10

export function channels(db: PrismaTransactionLike, effort: Effort = THOROUGH): Promise<FoundChannel[]> {
  return withDatabaseErrors(async () => {
    const names = (await listLiveChannels(db, MOST_CHANNELS, effort.counted)).map(({ channel }) => channel)
    return look(db, names, await listLimits(db, 'channel', '', MOST_CHANNELS), effort)
  })
}

/** One channel, also if it is beyond those that are found or has nothing. */
export function channelNamed(db: PrismaTransactionLike, channel: string, effort: Effort): Promise<FoundChannel> {
  return withDatabaseErrors(async () => {
    const [found] = await look(db, [channel], await findLimit(db, 'channel', channel), effort)
    return found as FoundChannel
  })
}

async function look(
  db: PrismaTransactionLike,
  names: readonly string[],
  limitRows: readonly LimitRow[],
  { counted, countedInAll, samplePages }: Effort,
): Promise<FoundChannel[]> {
  const most = clamp(Math.floor(countedInAll / names.length), LEAST_COUNTED, counted)
  const ready = byChannel(await countReady(db, names, most + 1))
  const lines = byChannel(await countInLines(db, names, most + 1))
  const claims = byChannel(await countClaims(db, counted + 1))
  const limits = new Map(limitRows.map((row) => [row.name, row]))
  const workers = (await listWorkers(db, 0)).filter(isLive)

  const claimedInAll = [...claims.values()].reduce((sum, { claimed }) => sum + claimed, 0)
  const isOver = (count: number) => count > most
  const isSampled =
    claimedInAll > counted ||
    [...ready.values()].some(({ due, delayed }) => isOver(due) || isOver(delayed)) ||
    [...lines.values()].some(({ read }) => isOver(read))
  const samples = byChannel(isSampled ? await sampleChannels(db, samplePages) : [])

  return names.map((channel) => {
    const { due = 0, delayed = 0, oldestDueAtMs = null, oldestDueMs = null } = ready.get(channel) ?? {}
    const { read = 0, inLine = 0 } = lines.get(channel) ?? {}
    const { claimed = 0 } = claims.get(channel) ?? {}
    const { pausedAtMs = null, concurrency = null, rate = null, rateIntervalMs = 0 } = limits.get(channel) ?? {}
    const sample = samples.get(channel)
    return {
      channel,
      due: bounded(due, most, sample?.due ?? 0),
      delayed: bounded(delayed, most, sample?.delayed ?? 0),
      inLine: bounded(inLine, isOver(read) ? -1 : most, sample?.inLine ?? 0),
      claimed: bounded(claimed, claimedInAll > counted ? -1 : counted, sample?.claimed ?? 0),
      oldestDueAt: toDate(oldestDueAtMs),
      oldestDueMs,
      workers: workers.filter((worker) => worker.channels.length === 0 || worker.channels.includes(channel)).length,
      pausedAt: toDate(pausedAtMs),
      concurrency,
      rate: rate === null ? null : { limit: rate, intervalMs: rateIntervalMs },
    }
  })
}

function byChannel<R extends { channel: string }>(rows: readonly R[]): Map<string, R> {
  return new Map(rows.map((row) => [row.channel, row]))
}
