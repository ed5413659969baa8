import { memoized } from '../runtime/memoize.ts'

/**
 * Which responses count as success: a status (`404`), a range with both ends included (`'400-410'`), or a
 * class (`'2xx'`).
 */
export type AcceptRule = number | '2xx' | '3xx' | '4xx' | '5xx' | `${number}` | `${number}-${number}`

/** Accept rules as they are stored. */
export type AcceptSet = string[]

export interface StatusRange {
  from: number
  to: number
}

/** A final response has a status of three digits that is not 1xx (RFC 9110, section 15). */
const LOWEST = 200
const HIGHEST = 999

/** The statuses that a rule stands for, or null when it stands for none. */
export function parseAcceptRule(rule: unknown): StatusRange | null {
  const text = typeof rule === 'number' ? String(rule) : rule
  return typeof text === 'string' ? parseText(text) : null
}

const parseText = memoized((text): StatusRange | null => {
  const asClass = /^([2-5])xx$/.exec(text)
  if (asClass) return { from: Number(asClass[1]) * 100, to: Number(asClass[1]) * 100 + 99 }
  const asRange = /^(\d{3})(?:-(\d{3}))?$/.exec(text)
  if (!asRange) return null
  const from = Number(asRange[1])
  const to = Number(asRange[2] ?? asRange[1])
  return from >= LOWEST && to <= HIGHEST && from <= to ? { from, to } : null
})

/** Whether any rule of the set names the status. Rules that cannot be read name nothing. */
export function isAccepted(accept: AcceptSet, status: number): boolean {
  return accept.some((rule) => {
    const range = parseAcceptRule(rule)
    return range !== null && range.from <= status && status <= range.to
  })
}
