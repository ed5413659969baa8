/** A count that does not read more than a bounded part of the table. */
export interface BoundedCount {
  count: number
  /** True if there are too many to be counted: then `count` is estimated by a sample of the table. */
  isEstimate: boolean
}

/**
 * @param counted - up to one more than `most`
 * @param sampled - what a sample says; it may have missed all of them
 */
export function bounded(counted: number, most: number, sampled: number): BoundedCount {
  if (counted <= most) return { count: counted, isEstimate: false }
  return { count: Math.max(counted, Math.round(sampled)), isEstimate: true }
}
