import type { HeaderPairs } from './request.ts'

/**
 * Milliseconds that a response asks its sender to wait, or null when it does not ask.
 *
 * A date is measured from the response's own `Date`, so that a receiver whose clock is wrong is still
 * understood; without one, from `nowMs`.
 *
 * @see RFC 9110, section 10.2.3
 */
export function retryAfterMs(headers: HeaderPairs, nowMs: number): number | null {
  const value = headerValue(headers, 'retry-after')
  if (value === undefined) return null
  if (/^\d+$/.test(value)) return Number(value) * 1000
  const at = httpDate(value, nowMs)
  if (at === null) return null
  return Math.max(0, at - (httpDate(headerValue(headers, 'date') ?? '', nowMs) ?? nowMs))
}

function headerValue(headers: HeaderPairs, name: string): string | undefined {
  return headers.find(([key]) => key.toLowerCase() === name)?.[1].trim()
}

/** `Sun, 06 Nov 1994 08:49:37 GMT`, or as RFC 850 had it: `Sunday, 06-Nov-94 08:49:37 GMT`. */
const DAY_FIRST = /^[a-z]+, (?<day>\d\d?)[ -](?<month>[a-z]{3})[ -](?<year>\d{4}|\d\d) (?<time>\d\d:\d\d:\d\d) GMT$/i
/** `Sun Nov  6 08:49:37 1994`, as C's `asctime` writes it. */
const MONTH_FIRST = /^[a-z]+ (?<month>[a-z]{3}) (?<day>[ \d]\d) (?<time>\d\d:\d\d:\d\d) (?<year>\d{4})$/i

/** The three forms of RFC 9110 section 5.6.7, all of them in UTC. `Date.parse` alone reads dates into nearly any text. */
function httpDate(text: string, nowMs: number): number | null {
  const { day = '', month, year = '', time } = (DAY_FIRST.exec(text) ?? MONTH_FIRST.exec(text))?.groups ?? {}
  const at = Date.parse(`${day.trim()} ${month} ${fullYear(year, nowMs)} ${time} GMT`)
  return Number.isNaN(at) ? null : at
}

/** Two digits that would be more than 50 years ahead are of the century before. */
function fullYear(year: string, nowMs: number): number {
  const now = new Date(nowMs).getUTCFullYear()
  const full = year.length === 2 ? now - (now % 100) + Number(year) : Number(year)
  return full > now + 50 && year.length === 2 ? full - 100 : full
}
