import type { HeaderPairs } from './message.ts'

/** Headers that carry credentials wherever they occur. */
const SENSITIVE = ['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'x-api-key']

/** The headers with the values hidden of those that carry credentials, and of those named `more` in lower case. */
export function redactHeaders(headers: HeaderPairs, more: readonly string[]): HeaderPairs {
  // A row that was written by hand may hold anything. What cannot be told from a credential is not shown.
  if (!Array.isArray(headers)) return []
  return headers.map((pair: unknown) => {
    const [name, value] = Array.isArray(pair) ? pair.map(toText) : []
    if (name === undefined || value === undefined) return ['(hidden)', '(hidden)']
    const lower = name.toLowerCase()
    return [name, SENSITIVE.includes(lower) || more.includes(lower) ? '(hidden)' : value]
  })
}

/** Not `String`, which calls what an object says is its `toString`. */
function toText(part: unknown): string {
  return typeof part === 'string' ? part : JSON.stringify(part)
}
