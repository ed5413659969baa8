import type { Metric } from '../harness/contest.ts'
import { isClaim, type Statement } from '../harness/statement-log.ts'
import { percentile } from '../harness/statistics.ts'

export const CLAIM_METRICS: readonly Metric[] = [
  { key: 'claimP50', title: 'claim p50 ms', digits: 2 },
  { key: 'claimP99', title: 'claim p99 ms', digits: 2 },
]

/** How long each claim took on the server, in milliseconds. */
export function claimMs(statements: readonly Statement[]): number[] {
  return statements.filter(isClaim).map(({ ms }) => ms)
}

export function claimMeasures(times: readonly number[]): { claimP50: number; claimP99: number } {
  if (times.length === 0) throw new Error('No claim was found in the log of the server.')
  return { claimP50: percentile(times, 50), claimP99: percentile(times, 99) }
}
