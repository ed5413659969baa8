import type { Unreadable } from '../deliver/unreadable.ts'
import { monotonicMs } from '../runtime/clock.ts'
import { type PrismaClientLike, withDatabaseErrors } from '../store/db.ts'
import { findLowWatermarks, type LowWatermark } from '../store/watermarks.ts'

/** A claim that took longer may have scanned many dead rows that cannot be removed yet. */
const SLOW_MS = 10
/** Looking takes up to this part of the time, and does not follow the look before at once. */
const PART_OF_TIME = 1 / 20
const LEAST_PAUSE_MS = 100
/** With more channels than this, a look would cost more than it saves. */
export const MOST_WATERMARKS = 1000
export const PRIORITIES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
export const LOWEST = { runAtMs: Number.NEGATIVE_INFINITY, id: '00000000-0000-0000-0000-000000000000' }

/**
 * The low watermark of a channel: where a claim begins its scan. A transaction that stays open keeps every row version that has
 * died since, and each claim would scan them again. So now and then a query finds the first live row, and claims begin there.
 * Rows that appear before it, such as those that a long transaction spawned, are found when the scan starts from the beginning
 * again.
 */
export class LowWatermarks {
  readonly #db: PrismaClientLike
  readonly #unreadable: Pick<Unreadable, 'missingKeys'>
  #watermarks: readonly LowWatermark[] = []
  #channels = new Set<string>()
  #nextAtMs = Number.NEGATIVE_INFINITY
  #fromBeginningAtMs = Number.NEGATIVE_INFINITY
  #look: Promise<void> | undefined

  constructor(db: PrismaClientLike, unreadable: Pick<Unreadable, 'missingKeys'>) {
    this.#db = db
    this.#unreadable = unreadable
  }

  /** Of those channels of which watermarks are known: higher priorities first, then in the order of the channels. */
  of(channels: readonly string[]): LowWatermark[] {
    if (this.#watermarks.length === 0) return []
    const known = channels.filter((channel) => this.#channels.has(channel))
    const byPlace = new Map(
      this.#watermarks.map((watermark) => [`${watermark.priority} ${watermark.channel}`, watermark]),
    )
    return PRIORITIES.flatMap((priority) =>
      known.map((channel) => byPlace.get(`${priority} ${channel}`) as LowWatermark),
    )
  }

  /** Records how long a claim from these channels took. Looks in the background if that is worth it. */
  claimed(channels: readonly string[], tookMs: number): void {
    const nowMs = monotonicMs()
    if (this.#look || nowMs < this.#nextAtMs || channels.length * PRIORITIES.length > MOST_WATERMARKS) return
    const isKnown = this.#watermarks.length > 0 && channels.every((channel) => this.#channels.has(channel))
    if (isKnown && nowMs >= this.#fromBeginningAtMs) this.#start(channels, true)
    else if (tookMs > SLOW_MS) this.#start(channels, !isKnown)
  }

  /** Waits for a look that is under way. */
  async stop(): Promise<void> {
    await this.#look
  }

  #start(channels: readonly string[], fromBeginning: boolean): void {
    const looking = fromBeginning ? this.#lookFromBeginning(channels) : this.#raise()
    this.#look = looking
      // The claims, which go on, meet the same trouble and report it.
      .catch(() => this.#forget())
      .finally(() => {
        this.#look = undefined
      })
  }

  async #raise(): Promise<void> {
    const { watermarks, tookMs } = await this.#list(this.#watermarks)
    this.#watermarks = watermarks
    this.#nextAtMs = monotonicMs() + Math.max(LEAST_PAUSE_MS, tookMs / PART_OF_TIME)
  }

  async #lookFromBeginning(channels: readonly string[]): Promise<void> {
    const lowest = channels.flatMap((channel) => PRIORITIES.map((priority) => ({ channel, priority, ...LOWEST })))
    const { watermarks, tookMs } = await this.#list(lowest)
    // Where the beginning is as near, claims are slow for other reasons.
    if (tookMs < SLOW_MS) return this.#forget()
    this.#watermarks = watermarks
    this.#channels = new Set(channels)
    this.#nextAtMs = monotonicMs() + LEAST_PAUSE_MS
    this.#fromBeginningAtMs = monotonicMs() + tookMs / PART_OF_TIME
  }

  async #list(from: readonly LowWatermark[]): Promise<{ watermarks: LowWatermark[]; tookMs: number }> {
    const fromMs = monotonicMs()
    const watermarks = await withDatabaseErrors(() => findLowWatermarks(this.#db, from, this.#unreadable.missingKeys))
    return { watermarks, tookMs: monotonicMs() - fromMs }
  }

  #forget(): void {
    this.#watermarks = []
    this.#channels = new Set()
    this.#nextAtMs = monotonicMs() + 10 * LEAST_PAUSE_MS
  }
}
