import { type ActivityRow, addCounts, LONGEST_SPAN, MOST_NAMES, noCounts, SPANS } from '../policy/activity.ts'
import type { ActivityName } from '../store/activity.ts'
import type { Tally } from './tally.ts'

/** The beginning of the span in which a minute lies. */
export function startOfSpan(minute: number, minutes: number): number {
  return Math.floor(minute / minutes) * minutes
}

/**
 * What is to be added to which row. Where there are more names than {@link MOST_NAMES}, those keep their rows that have one, then come those
 * of which most was counted; the others are added up under ''.
 *
 * @param nowMinute - by the database's clock
 * @param known - what has rows in the spans concerned
 */
export function toRows(tally: Tally, nowMinute: number, known: readonly ActivityName[]): ActivityRow[] {
  const places = new Places(known)
  const rows = new Map<string, ActivityRow>()
  const entries = [...tally.entries()].sort((one, other) => other.counts.attempts - one.counts.attempts)
  for (const { kind, counts, ...entry } of entries) {
    const at = entry.minute ?? nowMinute
    const name = places.nameOf({ kind, name: entry.name, minute: startOfSpan(at, LONGEST_SPAN) })
    for (const minutes of SPANS) {
      const minute = startOfSpan(at, minutes)
      const key = `${kind} ${minutes} ${minute} ${name}`
      const row = rows.get(key) ?? { kind, name, minutes, minute, ...noCounts() }
      rows.set(key, row)
      addCounts(row, counts)
    }
  }
  return [...rows.values()]
}

/** The names that have rows of their own, by kind and span. */
class Places {
  readonly #names = new Map<string, Set<string>>()

  constructor(known: readonly ActivityName[]) {
    for (const one of known) if (one.name !== '') this.#of(one).add(one.name)
  }

  nameOf(one: ActivityName): string {
    const names = this.#of(one)
    if (names.has(one.name)) return one.name
    if (one.name === '' || names.size >= MOST_NAMES) return ''
    names.add(one.name)
    return one.name
  }

  #of({ kind, minute }: ActivityName): Set<string> {
    const key = `${kind} ${minute}`
    const names = this.#names.get(key) ?? new Set()
    this.#names.set(key, names)
    return names
  }
}
