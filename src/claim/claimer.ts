import { MAX_INT } from '../check/bounds.ts'
import type { Unreadable } from '../deliver/unreadable.ts'
import type { Instruments } from '../events/instruments.ts'
import type { Limiter } from '../limits/limiter.ts'
import { originOfRow } from '../message/origin.ts'
import { LEASE_GRACE_MS } from '../policy/held-claim.ts'
import type { Quota } from '../policy/quota.ts'
import type { ClaimedRequest } from '../policy/request.ts'
import { clamp } from '../runtime/clamp.ts'
import { monotonicMs } from '../runtime/clock.ts'
import { toClaimedRequest } from '../store/claimed-row.ts'
import { claimRequests, type Lane, releaseClaims, releaseUnknownClaims } from '../store/claims.ts'
import { inTransaction, type PrismaClientLike, withDatabaseErrors } from '../store/db.ts'
import { findOutlasting } from '../store/pending.ts'
import { Channels } from './channel-rotation.ts'
import { FittingWatermarks } from './fitting-watermarks.ts'
import { LowWatermarks } from './low-watermarks.ts'
import { OriginScan } from './origin-scan.ts'

/** Claims requests from the channels of one worker, rotating over channels and origins. */
export class Claimer {
  readonly #db: PrismaClientLike
  readonly #channels: Channels
  readonly #originScan: OriginScan
  readonly #watermarks: LowWatermarks
  readonly #limits: Limiter
  readonly #unreadable: Pick<Unreadable, 'missingKeys'>
  readonly #workerId: string
  readonly #endsByMs: number
  readonly #instruments: Instruments
  /** Where not everything fits. */
  readonly #fitting: FittingWatermarks | undefined
  #mayHoldUnknown = false
  #hasCorrected = false
  /** Counts releases: what is released during a statement is not covered by it. */
  #released = 0
  #isReleasing = false

  constructor(
    db: PrismaClientLike,
    channels: readonly string[] | 'all',
    limits: Limiter,
    unreadable: Pick<Unreadable, 'missingKeys'>,
    workerId: string,
    { endsByMs }: Pick<Quota, 'endsByMs'>,
    instruments: Instruments,
  ) {
    this.#db = db
    this.#channels = new Channels(db, channels)
    this.#originScan = new OriginScan(db)
    this.#watermarks = new LowWatermarks(db, unreadable)
    this.#limits = limits
    this.#unreadable = unreadable
    this.#workerId = workerId
    this.#endsByMs = endsByMs
    this.#instruments = instruments
    if (endsByMs < Number.POSITIVE_INFINITY) this.#fitting = new FittingWatermarks(db)
  }

  /** This channel, or any, may have new work. */
  expect(channel: string | undefined): void {
    this.#channels.expect(channel)
  }

  /** Whether rows may be claimed by this worker that it does not know of. */
  get mayHoldUnknown(): boolean {
    return this.#mayHoldUnknown
  }

  /** Whether the last claim gave rows back with their right origins, under which they are still due. */
  get hasCorrected(): boolean {
    return this.#hasCorrected
  }

  /** Whether a statement is giving back all rows of this worker, except those that it held when the statement began. */
  get isReleasing(): boolean {
    return this.#isReleasing
  }

  /** This worker no longer holds some of what it knew to hold: that will be given back. */
  markReleased(): void {
    this.#mayHoldUnknown = true
    this.#released++
  }

  /**
   * Claims up to `limit` requests, and counts them as claimed.
   *
   * @param held - ids of the requests that this worker knows to hold
   */
  async claim(limit: number, held: () => string[]): Promise<ClaimedRequest[]> {
    if (this.#mayHoldUnknown) await this.releaseUnknown(held())
    this.#hasCorrected = false
    const channels = await this.#channels.next()
    if (channels.length === 0) return []
    const claims: ClaimedRequest[] = []
    try {
      do {
        for (const part of await this.#limits.partsOf(channels, limit)) {
          const lacking = limit - claims.length
          if (lacking > 0) claims.push(...(await this.#claimFrom(part.channels, Math.min(part.limit, lacking))))
        }
      } while (claims.length === 0 && (await this.#fitting?.raise(channels, this.#longestTimeoutMs)))
    } catch (error) {
      for (const claim of claims) this.#limits.released(claim)
      if (claims.length > 0) this.markReleased()
      throw error
    }
    this.#channels.served(
      channels,
      claims.map((claim) => claim.channel),
    )
    // An UPDATE returns its rows in no order.
    return claims.sort((one, other) => one.priority - other.priority)
  }

  async #claimFrom(channels: string[], limit: number, isAgain = false): Promise<ClaimedRequest[]> {
    const rooms = this.#limits.rooms()
    if (!this.#limits.isFull(rooms)) return this.#claim(channels, null, limit, rooms, isAgain)
    const mayHave = async (due: readonly Lane[]) => {
      await this.#limits.admit(new Set(due.map((lane) => lane.origin)), limit)
      const now = this.#limits.rooms()
      const probing = new Set(this.#limits.keptBack.probing)
      return ({ origin, keptBack }: { origin: string; keptBack: boolean }) =>
        now.get(origin) !== 0 && (!keptBack || probing.has(origin)) && this.#limits.origins.mayHaveMore(origin)
    }
    const lanes = await this.#originScan.withRoom(channels, mayHave, limit)
    return lanes.length > 0 ? this.#claim(channels, lanes, limit, this.#limits.rooms(), isAgain) : []
  }

  async #claim(
    channels: string[],
    lanes: Lane[] | null,
    limit: number,
    rooms: ReadonlyMap<string, number>,
    isAgain: boolean,
  ): Promise<ClaimedRequest[]> {
    const workerId = this.#workerId
    const limitPerOrigin = this.#limits.perOrigin
    const watermarks = (this.#fitting ?? this.#watermarks).of(channels)
    const { proved, unprovedRoom } = this.#limits.origins
    const { missingKeys } = this.#unreadable
    const { any: keptBack, probing } = this.#limits.keptBack
    const room = { limit, rooms, limitPerOrigin, proved, unprovedRoom, keptBack, probing }
    const longestTimeoutMs = this.#longestTimeoutMs
    const terms = {
      channels,
      lanes,
      watermarks,
      longestTimeoutMs,
      ...room,
      missingKeys,
      workerId,
      graceMs: LEASE_GRACE_MS,
      isTraced: this.#instruments.tracing !== null,
    }
    const [mayHoldUnknown, released] = [this.#mayHoldUnknown, this.#released]
    this.#mayHoldUnknown = true
    const fromMs = monotonicMs()
    const [rows] = await inTransaction(this.#db, [claimRequests(this.#db, terms)])
    this.#mayHoldUnknown = mayHoldUnknown || this.#released !== released
    const durationMs = monotonicMs() - fromMs
    this.#instruments.tell((observer) => observer.claimed(durationMs))
    if (!this.#fitting) this.#watermarks.claimed(channels, durationMs)
    const claims = rows.map(toClaimedRequest)
    const strays = claims.flatMap(strayOf)
    if (strays.length > 0) await this.#giveBack(strays)
    // They are still due, in other lanes, and perhaps nothing else is.
    if (strays.length === claims.length && claims.length > 0 && !isAgain) return this.#claimFrom(channels, limit, true)
    const kept = withoutStrays(claims, strays)
    for (const claim of kept) this.#limits.claimed(claim)
    return kept
  }

  /** Writes their right origin, so that they are claimed again under it. */
  async #giveBack(strays: readonly ClaimedRequest[]): Promise<void> {
    this.#hasCorrected = true
    try {
      await withDatabaseErrors(() => releaseClaims(this.#db, strays))
    } catch (error) {
      this.markReleased()
      throw error
    }
  }

  /** Whether something is due that might not be answered in time. */
  async hasOutlasting(): Promise<boolean> {
    if (!this.#fitting) return false
    const channels = await this.#channels.next()
    const [row] = await withDatabaseErrors(() => findOutlasting(this.#db, channels, this.#longestTimeoutMs))
    return row?.found ?? false
  }

  /** How long what is claimed now may take. */
  get #longestTimeoutMs(): number {
    return clamp(Math.floor(this.#endsByMs - monotonicMs()), 0, MAX_INT)
  }

  async stop(): Promise<void> {
    await this.#watermarks.stop()
  }

  /**
   * Gives back what was claimed and is not held, because the result of the claim never came, or came too late to send.
   */
  async releaseUnknown(held: string[]): Promise<void> {
    const released = this.#released
    this.#isReleasing = true
    try {
      await withDatabaseErrors(() => releaseUnknownClaims(this.#db, this.#workerId, held))
    } finally {
      this.#isReleasing = false
    }
    this.#mayHoldUnknown = this.#released !== released
  }
}

/** The claim with its right origin, if the row has another form of it: pauses and limits did not apply to that. */
function strayOf(claim: ClaimedRequest): ClaimedRequest[] {
  const origin = originOfRow(claim.url, claim.origin)
  return origin === claim.origin ? [] : [{ ...claim, origin }]
}

function withoutStrays(claims: ClaimedRequest[], strays: readonly ClaimedRequest[]): ClaimedRequest[] {
  if (strays.length === 0) return claims
  const ids = new Set(strays.map(({ id }) => id))
  return claims.filter(({ id }) => !ids.has(id))
}
