import type { Metric } from './contest.ts'
import type { ContestResults, Results } from './results.ts'
import { type BarGroup, barChart } from './svg.ts'

/** The chart of a workload: for each contest the metrics that are paired, or else its first. */
export function chartOf(results: Results): string {
  const { title, versions, date, machine } = results
  const footer = `Node ${versions['node']}, Postgres ${versions['postgres']}, ${machine.cores} cores, ${date.slice(0, 10)}; medians with least and most`
  return barChart(title, results.contests.flatMap(groupsOf), footer)
}

function groupsOf(contest: ContestResults): BarGroup[] {
  const paired = contest.metrics.filter((metric) => metric.paired)
  return (paired.length > 0 ? paired : contest.metrics.slice(0, 1)).map((metric) => groupOf(contest, metric))
}

function groupOf({ title, ratio, entrants }: ContestResults, metric: Metric): BarGroup {
  const bars = entrants.flatMap(({ label, system, sender, spreads, ratios }) => {
    const spread = spreads[metric.key]
    if (!spread) return []
    const paired = ratios[metric.key]
    const median = spread.median.toLocaleString('en', { maximumFractionDigits: metric.digits })
    const note = paired ? `${median} · ${ratio}: ${paired.noise ? '≈ ' : ''}${paired.median.toFixed(2)}` : median
    return [
      {
        label,
        value: spread.median,
        min: spread.min,
        max: spread.max,
        note: `${note} · ${sender}`,
        ours: system.startsWith('requeuest'),
      },
    ]
  })
  return { title: `${title}: ${metric.title}`, bars }
}
