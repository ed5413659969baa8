import type { ScopeKind } from './scope.ts'

/** What was counted of a channel or an origin. */
export interface ActivityCounts {
  attempts: number
  /** Attempts whose responses were accepted. */
  accepted: number
  /** Requests. */
  delivered: number
  /** Requests that failed for good. */
  failed: number
  /** How long the attempts took together. */
  totalMs: number
  /** How many attempts there are of each class of durations, up to the longest. */
  latency: number[]
}

/** What was counted in a span of time. */
export interface ActivityRow extends ActivityCounts {
  kind: ScopeKind
  /** '' for all that have no row of their own. */
  name: string
  /** Length of the span. */
  minutes: number
  /** When it begins, in minutes since 1970. */
  minute: number
}

/**
 * Lengths of the spans in minutes. Everything is counted in one of each, so that a chart of an hour, of ten and of a day reads up to
 * {@link POINTS} rows a name.
 */
export const SPANS = [1, 10, 30] as const
export const LONGEST_SPAN = 30
export const POINTS = 60
/** In the longest span, so many channels and so many origins have rows of their own. */
export const MOST_NAMES = 50

export function noCounts(): ActivityCounts {
  return { attempts: 0, accepted: 0, delivered: 0, failed: 0, totalMs: 0, latency: [] }
}

export function addCounts(to: ActivityCounts, from: ActivityCounts): void {
  to.attempts += from.attempts
  to.accepted += from.accepted
  to.delivered += from.delivered
  to.failed += from.failed
  to.totalMs += from.totalMs
  for (const [index, count] of from.latency.entries()) addLatency(to.latency, index, count)
}

export function addLatency(latency: number[], index: number, count: number): void {
  while (latency.length <= index) latency.push(0)
  latency[index] = (latency[index] as number) + count
}
