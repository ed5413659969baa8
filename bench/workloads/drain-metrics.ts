import type { Measures, Metric } from '../harness/contest.ts'
import type { Drained } from './drain.ts'

/** What a drain is judged by: how fast it was, and what each delivery took. */
export const DRAIN_METRICS: readonly Metric[] = [
  { key: 'rate', title: 'attempts/s', digits: 0, paired: true },
  { key: 'workerCpu', title: 'worker CPU s/1k', digits: 3 },
  { key: 'storeCpu', title: 'database CPU s/1k', digits: 3 },
  { key: 'transactions', title: 'commits/1k', digits: 1 },
  { key: 'busy', title: 'busy backends', digits: 0 },
  { key: 'wal', title: 'WAL B/attempt', digits: 0 },
  { key: 'rss', title: 'peak RSS MB', digits: 0 },
]

export function drainMeasures({ seconds, attempts, transactions, ...cost }: Drained): Measures {
  return {
    rate: attempts / seconds,
    workerCpu: (cost.workerCpuSeconds / attempts) * 1000,
    storeCpu: cost.storeCpuSeconds === null ? null : (cost.storeCpuSeconds / attempts) * 1000,
    transactions: transactions === null ? null : (transactions / attempts) * 1000,
    busy: cost.busyConnections,
    wal: cost.walBytes === null ? null : cost.walBytes / attempts,
    rss: cost.peakRssMb,
  }
}
