import { type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { findFittingWatermarks, type LowWatermark } from '../store/watermarks.ts'
import { LOWEST, MOST_WATERMARKS, PRIORITIES } from './low-watermarks.ts'

/**
 * Where the claims of a drain begin. Requests that do not fit in its budget stay due and come first ever after, so each time that a
 * claim finds nothing, its next scan begins behind them.
 */
export class FittingWatermarks {
  readonly #db: PrismaTransactionLike
  #watermarks: readonly LowWatermark[] = []

  constructor(db: PrismaTransactionLike) {
    this.#db = db
  }

  /** Higher priorities first, then in the order of the channels. */
  of(channels: readonly string[]): LowWatermark[] {
    if (this.#watermarks.length === 0) return []
    const places = new Map(channels.map((channel, place) => [channel, place]))
    const placeOf = ({ channel }: LowWatermark) => places.get(channel) as number
    return this.#watermarks
      .filter(({ channel }) => places.has(channel))
      .sort((one, other) => one.priority - other.priority || placeOf(one) - placeOf(other))
  }

  /** Passes by what does not fit. Returns whether a claim may find more now. */
  async raise(channels: readonly string[], longestTimeoutMs: number): Promise<boolean> {
    if (channels.length * PRIORITIES.length > MOST_WATERMARKS) return false
    const known = new Map(this.#watermarks.map((watermark) => [placeOf(watermark), watermark]))
    const from = channels.flatMap((channel) =>
      PRIORITIES.map((priority) => known.get(placeOf({ channel, priority })) ?? { channel, priority, ...LOWEST }),
    )
    const found = await withDatabaseErrors(() => findFittingWatermarks(this.#db, from, longestTimeoutMs))
    this.#watermarks = found
    const before = new Set(from.map(({ id }) => id))
    return found.some(({ id }) => !before.has(id))
  }
}

const placeOf = ({ channel, priority }: Pick<LowWatermark, 'channel' | 'priority'>) => `${priority} ${channel}`
