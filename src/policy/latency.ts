/** Classes of durations from a duration to its double. */
const PER_DOUBLING = 3

/** The class of a duration: the n-th, from 0, reaches from 2^(n/3) to 2^((n+1)/3) milliseconds. What took less than 1 ms is in the first. */
export function latencyClass(ms: number): number {
  return ms > 1 ? Math.floor(PER_DOUBLING * Math.log2(ms)) : 0
}

/**
 * About how long the given part of all attempts took at most: the middle of the class of that attempt, in whole milliseconds. It is
 * off by at most 12.3 % and half a millisecond. Null if there are none.
 *
 * @param counts - how many attempts there are of each class
 * @param part - from 0 to 1: 0.95 for the 95th percentile
 */
export function latencyQuantileMs(counts: readonly number[], part: number): number | null {
  let left = Math.max(1, Math.ceil(part * counts.reduce((sum, count) => sum + count, 0)))
  const index = counts.findIndex((count) => {
    left -= count
    return left <= 0
  })
  return index < 0 ? null : Math.round(2 ** ((index + 0.5) / PER_DOUBLING))
}
