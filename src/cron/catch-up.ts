import type { Cron } from './cron.ts'

const SECOND_MS = 1000

/**
 * The first of the last `count` times at which an expression fires until `untilMs`, or `firstMs` when there were no more since
 * then. It is looked for from the end, so that it takes no longer however far away `firstMs` is.
 */
export function firstOfLast(count: number, cron: Cron, firstMs: number, untilMs: number): number {
  // None fires more often than once a second.
  let widthMs = count * SECOND_MS
  if (untilMs - firstMs <= widthMs) return firstMs
  let endMs = untilMs
  let wanted = count
  while (endMs > firstMs) {
    const beginMs = Math.max(firstMs, endMs - widthMs)
    const times = timesIn(cron, beginMs, endMs, 2 * count)
    if (times === null) {
      widthMs /= 2
      continue
    }
    const found = times.at(-wanted)
    if (found !== undefined) return found
    wanted -= times.length
    endMs = beginMs
    widthMs *= 2
  }
  return firstMs
}

/** The times after `afterMs` until `untilMs`; null when there are more than `most`. */
function timesIn(cron: Cron, afterMs: number, untilMs: number, most: number): number[] | null {
  const times: number[] = []
  for (let atMs = cron.next(afterMs); atMs <= untilMs; atMs = cron.next(atMs)) {
    if (times.length === most) return null
    times.push(atMs)
  }
  return times
}
