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
  const at = httpDate(value)
  if (at === null) return null
  return Math.max(0, at - (httpDate(headerValue(headers, 'date') ?? '') ?? nowMs))
}

function headerValue(headers: HeaderPairs, name: string): string | undefined {
  return headers.find(([key]) => key.toLowerCase() === name)?.[1].trim()
}

function httpDate(text: string): number | null {
  const time = /^[A-Za-z]{3,9},? /.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) ? null : time
}
