import type { Contest, Metric } from '../harness/contest.ts'
import type { Options } from '../harness/options.ts'
import type { SystemName } from '../systems/catalogue.ts'
import { drain } from './drain.ts'
import { drainMeasures } from './drain-metrics.ts'
import { chosenSystems, entrantsOf } from './systems.ts'
import type { Workload } from './workload.ts'

const KILOBYTE = 1024
const MEGABYTE = 1024 * KILOBYTE

/** Large enough to last for a second or so. */
const SIZES = [
  { title: '1 KB', bytes: KILOBYTE, share: 1 },
  { title: '64 KB', bytes: 64 * KILOBYTE, share: 0.15 },
  { title: '1 MB', bytes: MEGABYTE, share: 0.015 },
]

const METRICS: readonly Metric[] = [
  { key: 'throughput', title: 'MB/s both ways, until recorded', digits: 1, paired: true },
  { key: 'workerCpu', title: 'worker CPU s/1k', digits: 2 },
  { key: 'storeCpu', title: 'database CPU s/1k', digits: 2 },
  { key: 'rss', title: 'peak RSS MB', digits: 0 },
]

export const w10Sizes: Workload = {
  name: 'w10-sizes',
  title: 'Sizes: bodies of 1 KB, 64 KB and 1 MB, sent and received',
  reps: 5,
  contests: (options) => SIZES.map((size) => contest(size, options)),
}

function contest({ title, bytes, share }: (typeof SIZES)[number], options: Options): Contest {
  const { n = 20_000, concurrency = 100 } = options
  const count = Math.max(1, Math.round(n * share))
  const warmup = Math.min(options.warmup, Math.round(count / 10))
  const systems: readonly SystemName[] = ['requeuest', 'undici']
  return {
    title: `${count} requests with bodies of ${title} each way, ${concurrency} at once`,
    metrics: METRICS,
    ratioOf: 'base ÷ variant',
    ...entrantsOf(chosenSystems(systems, options), (system) => async (lab) => {
      const terms = { n: count, warmup, concurrency, bodyBytes: bytes, responseBytes: bytes }
      const drained = await drain(lab, system, terms)
      return { ...drainMeasures(drained), throughput: (count * bytes * 2) / drained.recordedSeconds / MEGABYTE }
    }),
  }
}
