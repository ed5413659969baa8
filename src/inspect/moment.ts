import { parseDuration } from '../check/duration.ts'

/** A time that people write: absolute, or counted from the database's present; negative is past. Both in milliseconds. */
export type Moment = { atMs: number } | { fromNowMs: number }

const ISO = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(Z|[+-]\d\d:?\d\d)?)?$/i

/**
 * Parses `2h` (two hours ago), `+2h` (in two hours), or a time of ISO 8601, which is in UTC unless it names another zone. Returns
 * null for anything else.
 */
export function parseMoment(text: string): Moment | null {
  const span = parseDuration(text.replace(/^[+-]/, ''))
  if (span !== null) return { fromNowMs: text.startsWith('+') ? span : -span }
  const iso = ISO.exec(text)
  const isLocal = iso !== null && text.length > 10 && iso[1] === undefined
  const atMs = iso && isDay(text.slice(0, 10)) ? Date.parse(isLocal ? `${text}Z` : text) : Number.NaN
  return Number.isNaN(atMs) ? null : { atMs }
}

/** `Date` takes the 31st of February for the 3rd of March. */
function isDay(text: string): boolean {
  const atMs = Date.parse(text)
  return !Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(text)
}

export function dateOf(moment: Moment, nowMs: number): Date {
  return new Date('atMs' in moment ? moment.atMs : nowMs + moment.fromNowMs)
}
