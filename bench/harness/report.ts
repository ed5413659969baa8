import Table from 'cli-table3'
import { factsOf, SYSTEMS } from '../systems/catalogue.ts'
import type { Contest, Metric, Standing } from './contest.ts'
import type { Lab } from './lab.ts'
import type { Spread } from './statistics.ts'

/** What everyone should know who reads the numbers. */
export const NOTES = [
  'Ratios are paired: each run of a variant is held against the two runs of the base beside it; median [least–most].',
  '≈ marks a ratio within 8 % of 1, which is no difference.',
  'Requeuest records every attempt with its response. The peers keep no history of attempts, unless it says “with attempt rows”.',
  'synchronous_commit and fsync are on. All systems send to one loopback target that counts every id.',
]

/** A contest as a table. */
export function tableOf(contest: Contest, standings: readonly Standing[], lab: Lab): string {
  const paired = contest.metrics.filter((metric) => metric.paired && contest.variants.length > 0)
  const table = new Table({
    head: [
      '',
      'sends with',
      ...contest.metrics.map((metric) => metric.title),
      ...paired.map((metric) => `${metric.title}: ${ratioTitle(contest)}`),
    ],
    style: { head: [], border: [] },
    wordWrap: true,
  })
  for (const { label, system, spreads, ratios } of standings) {
    table.push([
      `${label} (Node ${lab.nodeOf(system).major})`,
      factsOf(system).sender,
      ...contest.metrics.map((metric) => spreadText(spreads[metric.key] ?? null, metric.digits)),
      ...paired.map((metric) => ratioText(metric, ratios)),
    ])
  }
  return `${contest.title}\n${table.toString()}`
}

/** As one says it: by which the base is better, or what the variant is of the base. */
export function ratioTitle({ ratioOf, base }: Contest): string {
  const name = base.label === SYSTEMS.requeuest.title ? base.label : `“${base.label}”`
  return ratioOf === 'base ÷ variant' ? `${name} ÷ it` : `it ÷ ${name}`
}

function ratioText({ key }: Metric, ratios: Standing['ratios']): string {
  const ratio = ratios[key]
  if (!ratio) return ''
  return `${ratio.noise ? '≈ ' : ''}${spreadText(ratio, 2)}`
}

function spreadText(spread: Spread | null, digits: number): string {
  if (!spread) return '–'
  const [median, min, max] = [spread.median, spread.min, spread.max].map((value) => value.toFixed(digits))
  return min === max ? `${median}` : `${median} [${min}–${max}]`
}
