import type { Metric } from '../harness/contest.ts'
import { isClaim, type Statement } from '../harness/statement-log.ts'
import { percentile } from '../harness/statistics.ts'

export const CLAIM_METRICS: readonly Metric[] = [
  { key: 'claimP50', title: 'claim p50 ms', digits: 2 },
  { key: 'claimP99', title: 'claim p99 ms', digits: 2 },
]

/** How long claims took on the server. */
export function claimTimes(statements: readonly Statement[]): { claimP50: number; claimP99: number } {
  const times = statements.filter(isClaim).map(({ ms }) => ms)
  if (times.length === 0) throw new Error('No claim was found in the log of the server.')
  return { claimP50: percentile(times, 50), claimP99: percentile(times, 99) }
}
