/** A moment at which the clocks of a zone are put forward or back. Offsets are milliseconds ahead of UTC. */
export interface Transition {
  atMs: number
  before: number
  after: number
}

interface Year {
  /** Where it begins. */
  offset: number
  transitions: readonly Transition[]
}

const DAY_MS = 86_400_000
/** No name of a zone comes near, and neither ICU nor a cache is to be given whatever somebody wrote. */
const MAX_NAME_LENGTH = 100
/** Before, each place went by its own sun. */
const FIRST_CHANGES = 1800
/** A schedule asks about a year or two; one that somebody put far away about others, once. */
const YEARS_REMEMBERED = 500

/** The clocks of one zone of the IANA time zone database, as this version of Node knows it. */
export class TimeZone {
  /** By names in lower case. There are only so many, since what names no zone is not remembered. */
  static readonly #known = new Map<string, TimeZone>()

  readonly #format: Intl.DateTimeFormat
  readonly #years = new Map<number, Year>()

  /** @throws RangeError when there is no such zone */
  private constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
  }

  /**
   * The zone of this name, or null when there is none. An offset such as `+01:00`, which only some versions of Node take,
   * is no name.
   */
  static named(name: string): TimeZone | null {
    if (name.length > MAX_NAME_LENGTH || !/^[a-z]/i.test(name)) return null
    const key = name.toLowerCase()
    const known = TimeZone.#known.get(key)
    if (known !== undefined) return known
    try {
      const zone = new TimeZone(name)
      TimeZone.#known.set(key, zone)
      return zone
    } catch {
      return null
    }
  }

  /** How far its clocks are ahead of UTC, in milliseconds. */
  offsetAt(ms: number): number {
    const { offset, transitions } = this.#year(new Date(ms).getUTCFullYear())
    return transitions.findLast(({ atMs }) => atMs <= ms)?.after ?? offset
  }

  /** The first change of its clocks after `fromMs`, unless that is after `untilMs`. */
  firstTransition(fromMs: number, untilMs: number): Transition | undefined {
    const last = new Date(untilMs).getUTCFullYear()
    for (let year = new Date(fromMs).getUTCFullYear(); year <= last; year++) {
      const found = this.#year(year).transitions.find(({ atMs }) => atMs > fromMs)
      if (found !== undefined) return found.atMs > untilMs ? undefined : found
    }
    return undefined
  }

  #year(year: number): Year {
    const known = this.#years.get(year)
    if (known !== undefined) return known
    const start = startOf(year)
    const read = { offset: this.#read(start - 1), transitions: year < FIRST_CHANGES ? [] : this.#changes(year) }
    if (this.#years.size >= YEARS_REMEMBERED) this.#years.clear()
    this.#years.set(year, read)
    return read
  }

  /** Day by day: no zone changes its clocks there and back within one. */
  #changes(year: number): Transition[] {
    const start = startOf(year)
    const days = Array.from({ length: (startOf(year + 1) - start) / DAY_MS }, (_, day) => start + day * DAY_MS)
    return days.flatMap((day) => this.#between(day - 1, day + DAY_MS - 1))
  }

  #between(fromMs: number, untilMs: number): Transition[] {
    const before = this.#read(fromMs)
    const after = this.#read(untilMs)
    if (before === after) return []
    let low = fromMs
    let high = untilMs
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (this.#read(middle) === before) low = middle
      else high = middle
    }
    return [{ atMs: high, before, after }]
  }

  #read(ms: number): number {
    const [, sign, hours, minutes, seconds] = /GMT([+-])(\d+):(\d+)(?::(\d+))?$/.exec(this.#format.format(ms)) ?? []
    const size = (Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0)) * 1000
    return sign === '-' ? -size : size
  }
}

/** `Date.UTC` takes the years 0 to 99 for those of the last century. */
function startOf(year: number): number {
  return new Date(0).setUTCFullYear(year, 0, 1)
}
