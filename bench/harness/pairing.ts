import type { Spread } from './statistics.ts'

/** What the base's number is divided by, or divides. */
export type RatioOf = 'base ÷ variant' | 'variant ÷ base'

/** A ratio nearer to 1 than this is none: two runs of the same thing differ as much. */
const NOISE = 0.08

/**
 * The order of runs: base, variant, base, variant, …, base, as indices of variants, and null for the base. A machine's
 * speed drifts within minutes, so each variant is held against the two runs of the base beside it.
 */
export function planRuns(variants: number, reps: number): (number | null)[] {
  if (variants === 0) return Array.from({ length: reps }, () => null)
  const pairs = Array.from({ length: reps * variants }, (_, index) => [index % variants, null])
  return [null, ...pairs.flat()]
}

/**
 * The ratios of one variant, one for each of its runs.
 *
 * @param plan - as {@link planRuns} made it
 * @param values - what each run measured
 */
export function pairedRatios(
  plan: readonly (number | null)[],
  values: readonly number[],
  variant: number,
  ratioOf: RatioOf,
): number[] {
  return plan.flatMap((who, at) => {
    if (who !== variant) return []
    const base = ((values[at - 1] as number) + (values[at + 1] as number)) / 2
    const own = values[at] as number
    return [ratioOf === 'base ÷ variant' ? base / own : own / base]
  })
}

export function isNoise({ median }: Spread): boolean {
  return Math.abs(median - 1) < NOISE
}
