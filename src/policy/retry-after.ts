import type { HeaderPairs } from '../message/message.ts'

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
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1000, Number.MAX_SAFE_INTEGER)
  const at = httpDate(value, nowMs)
  if (at === null) return null
  return Math.max(0, at - (httpDate(headerValue(headers, 'date') ?? '', nowMs) ?? nowMs))
}

function headerValue(headers: HeaderPairs, name: string): string | undefined {
  return headers.find(([key]) => key.toLowerCase() === name)?.[1].trim()
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
/** Whether it is the right one for the date does not matter. */
const DAY_NAME = '(?:mon|tue|wed|thu|fri|sat|sun|(?:mon|tues|wednes|thurs|fri|satur|sun)day)'
const TIME = '(?<hour>[01]\\d|2[0-3]):(?<minute>[0-5]\\d):(?<second>[0-5]\\d|60)'

/** `Sun, 06 Nov 1994 08:49:37 GMT`, or as RFC 850 had it: `Sunday, 06-Nov-94 08:49:37 GMT`. */
const DAY_FIRST = new RegExp(
  `^${DAY_NAME}, (?<day>\\d\\d?)[ -](?<month>[a-z]{3})[ -](?<year>\\d{4}|\\d\\d) ${TIME} GMT$`,
  'i',
)
/** `Sun Nov  6 08:49:37 1994`, as C's `asctime` writes it. */
const MONTH_FIRST = new RegExp(`^${DAY_NAME} (?<month>[a-z]{3}) (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})$`, 'i')

/**
 * The three forms of RFC 9110 section 5.6.7, all of them in UTC. `Date.parse` reads dates into nearly any text, takes the
 * 31st of February for the 3rd of March, and does not know of leap seconds.
 */
function httpDate(text: string, nowMs: number): number | null {
  const found = (DAY_FIRST.exec(text) ?? MONTH_FIRST.exec(text))?.groups
  if (!found) return null
  const { month = '', year = '', ...parts } = found
  const date = new Date(0)
  date.setUTCFullYear(fullYear(year, nowMs), MONTHS.indexOf(month.toLowerCase()), Number(parts['day']))
  const isInMonth = date.getUTCDate() === Number(parts['day']) && month.toLowerCase() === MONTHS[date.getUTCMonth()]
  if (!isInMonth) return null
  return date.setUTCHours(Number(parts['hour']), Number(parts['minute']), Number(parts['second']))
}

/** Two digits that would be more than 50 years ahead are of the century before. */
function fullYear(year: string, nowMs: number): number {
  const now = new Date(nowMs).getUTCFullYear()
  const full = year.length === 2 ? now - (now % 100) + Number(year) : Number(year)
  return full > now + 50 && year.length === 2 ? full - 100 : full
}
