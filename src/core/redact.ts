import type { HeaderPairs } from './request.ts'

/** Headers that carry credentials wherever they occur. */
const SENSITIVE = ['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'x-api-key']

/** The headers with the values hidden of those that carry credentials, and of those named `more` in lower case. */
export function redactHeaders(headers: HeaderPairs, more: readonly string[]): HeaderPairs {
  return headers.map(([name, value]) => {
    const lower = name.toLowerCase()
    return [name, SENSITIVE.includes(lower) || more.includes(lower) ? '(hidden)' : value]
  })
}
