import { type Lane, scanOrigins } from '../store/claims.ts'
import { type PrismaClientLike, withDatabaseErrors } from '../store/db.ts'

/** Lanes of a channel that one look covers: far more than an origin has priorities, so that each look gets further. */
const LANES_PER_LOOK = 200
type SeenLane = Lane & { keptBack: boolean }

/** How many looks one call makes at most. */
const LOOKS = 20

/**
 * Finds lanes (a channel, an origin and a priority) to claim from while some origin has no room: its requests, however many, may
 * come before all others in the channel, so the others' lanes are claimed by name. Each look begins behind the last one.
 */
export class OriginScan {
  readonly #db: PrismaClientLike
  /** For each channel the origin behind which to look; none at the beginning. */
  readonly #behind = new Map<string, string>()

  constructor(db: PrismaClientLike) {
    this.#db = db
  }

  /**
   * Up to `limit` lanes in which something is due.
   *
   * @param mayHave - gets the lanes in which something is due; returns a test whether a lane's origin has room
   */
  async withRoom(
    channels: readonly string[],
    mayHave: (due: readonly Lane[]) => Promise<(lane: SeenLane) => boolean>,
    limit: number,
  ): Promise<Lane[]> {
    for (let look = 0; look < LOOKS; look++) {
      const fromBeginning = this.#behind.size === 0
      const after = new Map(channels.map((channel) => [channel, this.#behind.get(channel) ?? '']))
      const seen = await withDatabaseErrors(() => scanOrigins(this.#db, after, LANES_PER_LOOK))
      const hasRoom = await mayHave(seen.filter((lane) => lane.due))
      const found = this.#take(channels, seen, (lane) => lane.due && hasRoom(lane), limit)
      if (found.length > 0 || (fromBeginning && this.#behind.size === 0)) return found
    }
    return []
  }

  /** An equal share of each channel's usable lanes, in the order of the channels. */
  #take<L extends Lane>(channels: readonly string[], seen: L[], isUsable: (lane: L) => boolean, limit: number): L[] {
    const share = Math.ceil(limit / channels.length)
    const taken: L[] = []
    for (const channel of channels) {
      const quota = Math.min(share, limit - taken.length)
      if (quota === 0) break
      const lanes = seen.filter((lane) => lane.channel === channel)
      const usable = lanes.filter(isUsable)
      taken.push(...usable.slice(0, quota))
      const last = usable.length > quota ? usable[quota - 1]?.origin : endOfLook(lanes)
      if (last === undefined) this.#behind.delete(channel)
      else this.#behind.set(channel, last)
    }
    return taken
  }
}

/** Where the next look goes on, if this one did not come to the end. The last origin may have more priorities. */
function endOfLook(lanes: readonly Lane[]): string | undefined {
  if (lanes.length < LANES_PER_LOOK) return undefined
  const last = lanes.at(-1)?.origin
  return lanes.findLast((lane) => lane.origin !== last)?.origin
}
