import type { ActivityPoint, ActivityReport, ActivitySeries } from '../../inspect/activity.ts'

type Totals = Pick<ActivitySeries, 'attempts' | 'accepted' | 'delivered' | 'failed'>

/** All series together. Quantiles of several cannot be had from those of each. */
export function totalsOf({ series }: ActivityReport): Totals {
  return series.reduce(add, { attempts: 0, accepted: 0, delivered: 0, failed: 0 })
}

/** All series together, step by step. */
export function totalPoints({ series }: ActivityReport): ActivityPoint[] {
  const [first, ...others] = series.map(({ points }) => points)
  if (first === undefined) return []
  return first.map((point, index) => {
    const all = others.flatMap((points) => points[index] ?? [])
    return { ...point, ...all.reduce<Totals>(add, point), averageMs: null, p50Ms: null, p95Ms: null }
  })
}

function add(one: Totals, other: Totals): Totals {
  return {
    attempts: one.attempts + other.attempts,
    accepted: one.accepted + other.accepted,
    delivered: one.delivered + other.delivered,
    failed: one.failed + other.failed,
  }
}
