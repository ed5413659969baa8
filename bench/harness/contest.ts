import type { SystemName } from '../systems/catalogue.ts'
import type { Lab } from './lab.ts'
import { isNoise, pairedRatios, planRuns, type RatioOf } from './pairing.ts'
import { type Spread, spreadOf } from './statistics.ts'

/** One number that a run gives. */
export interface Metric {
  key: string
  title: string
  digits: number
  /** It is also given as a ratio to the base. */
  paired?: boolean
}

/** What a run measured, by the metric's key; null for what cannot be told here. */
export type Measures = Record<string, number | null>

/** One side of a contest: a system under some conditions. */
export interface Entrant {
  label: string
  system: SystemName
  run(lab: Lab): Promise<Measures>
}

/** A base and what is held against it, in turns. */
export interface Contest {
  title: string
  metrics: readonly Metric[]
  ratioOf: RatioOf
  base: Entrant
  variants: readonly Entrant[]
  /** Gives back what the runs have shared. */
  close?(): Promise<void>
}

/** What one entrant has come to. */
export interface Standing {
  label: string
  system: SystemName
  runs: Measures[]
  spreads: Record<string, Spread | null>
  /** Paired with the base; empty for the base itself. */
  ratios: Record<string, (Spread & { noise: boolean }) | null>
}

/** Runs a contest: base, variant, base, variant, …, base. */
export async function holdContest(
  contest: Contest,
  lab: Lab,
  reps: number,
  say: (line: string) => void,
): Promise<Standing[]> {
  const { base, variants, metrics } = contest
  const plan = planRuns(variants.length, reps)
  const measured: Measures[] = []
  for (const [index, who] of plan.entries()) {
    const entrant = entrantOf(contest, who)
    const measures = await entrant.run(lab)
    measured.push(measures)
    const [first] = metrics
    say(
      `${index + 1}/${plan.length} ${entrant.label}: ${first && measures[first.key]?.toFixed(first.digits)} ${first?.title}`,
    )
  }
  return [null, ...variants.keys()].map((who) => {
    const { label, system } = who === null ? base : entrantOf(contest, who)
    const runs = measured.filter((_, at) => plan[at] === who)
    const ratioOf = ({ key, paired }: Metric) => {
      if (who === null || !paired) return null
      const ratios = pairedRatios(plan, numbersOf(measured, key), who, contest.ratioOf).filter(Number.isFinite)
      if (ratios.length === 0) return null
      const spread = spreadOf(ratios)
      return { ...spread, noise: isNoise(spread) }
    }
    return {
      label,
      system,
      runs,
      spreads: byKey(metrics, ({ key }) =>
        runs.some((run) => run[key] === null) ? null : spreadOf(numbersOf(runs, key)),
      ),
      ratios: byKey(metrics, ratioOf),
    }
  })
}

function entrantOf({ base, variants }: Contest, who: number | null): Entrant {
  return who === null ? base : (variants[who] as Entrant)
}

function numbersOf(runs: readonly Measures[], key: string): number[] {
  return runs.map((run) => run[key] ?? Number.NaN)
}

function byKey<T>(metrics: readonly Metric[], value: (metric: Metric) => T): Record<string, T> {
  return Object.fromEntries(metrics.map((metric) => [metric.key, value(metric)]))
}
