import type { AttemptEvent, FailedEvent } from '../events/event.ts'
import { type ActivityCounts, addCounts, addLatency, noCounts } from '../policy/activity.ts'
import { latencyClass } from '../policy/latency.ts'
import type { ScopeKind } from '../policy/scope.ts'

const MINUTE_MS = 60_000
/** Further channels or origins of a minute are counted together. */
const MOST_NAMES = 1000
/** A longer name would not fit into the index. */
const LONGEST_NAME = 300

/** What was counted of a channel or an origin in a minute. */
export interface TallyEntry {
  kind: ScopeKind
  name: string
  /** Since 1970, by the database's clock; null for the minute in which it is written. */
  minute: number | null
  counts: ActivityCounts
}

type Receiver = Pick<FailedEvent, 'channel' | 'origin'>

/** What a process has counted and not yet written. */
export class Tally {
  readonly #minutes = new Map<number | null, Record<ScopeKind, Map<string, ActivityCounts>>>()

  /** Counts an attempt in the minute in which it ended. */
  attempt({ channel, origin, outcome, startedAt, durationMs }: AttemptEvent): void {
    const minute = Math.floor((startedAt.getTime() + durationMs) / MINUTE_MS)
    const index = latencyClass(durationMs)
    this.#each(minute, { channel, origin }, (counts) => {
      counts.attempts++
      if (outcome === 'accepted') counts.accepted++
      counts.totalMs += durationMs
      addLatency(counts.latency, index, 1)
    })
  }

  /** Counts a request that is final since just now. */
  final(receiver: Receiver, state: 'delivered' | 'failed'): void {
    this.#each(null, receiver, (counts) => counts[state]++)
  }

  get size(): number {
    return [...this.#minutes.values()].reduce((sum, { channel, origin }) => sum + channel.size + origin.size, 0)
  }

  *entries(): Iterable<TallyEntry> {
    for (const [minute, kinds] of this.#minutes) {
      for (const kind of ['channel', 'origin'] as const) {
        for (const [name, counts] of kinds[kind]) yield { kind, name, minute, counts }
      }
    }
  }

  add(other: Tally): void {
    for (const { kind, name, minute, counts } of other.entries()) addCounts(this.#counts(minute, kind, name), counts)
  }

  #each(minute: number | null, { channel, origin }: Receiver, count: (counts: ActivityCounts) => void): void {
    count(this.#counts(minute, 'channel', channel))
    count(this.#counts(minute, 'origin', origin))
  }

  #counts(minute: number | null, kind: ScopeKind, name: string): ActivityCounts {
    let kinds = this.#minutes.get(minute)
    if (!kinds) {
      kinds = { channel: new Map(), origin: new Map() }
      this.#minutes.set(minute, kinds)
    }
    const names = kinds[kind]
    const known = names.get(name)
    if (known) return known
    if (name !== '' && (names.size >= MOST_NAMES || name.length > LONGEST_NAME)) return this.#counts(minute, kind, '')
    const counts = noCounts()
    names.set(name, counts)
    return counts
  }
}
