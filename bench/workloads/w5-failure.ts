import type { SystemName } from '../systems/catalogue.ts'
import { drain } from './drain.ts'
import { DRAIN_METRICS, drainMeasures } from './drain-metrics.ts'
import { chosenSystems, entrantsOf } from './systems.ts'
import type { Workload } from './workload.ts'

const ALL: readonly SystemName[] = ['requeuest', 'pgboss', 'graphile', 'bullmq']

export const w5Failure: Workload = {
  name: 'w5-failure',
  title: 'Failure: every request is answered with 500 once, then with 200; tried again at once',
  reps: 5,
  contests: (options) => {
    const { n = 20_000, concurrency = 100, warmup } = options
    return [
      {
        title: `${n} requests, ${concurrency} at once; graphile-worker waits a few seconds before it retries`,
        metrics: DRAIN_METRICS,
        ratioOf: 'base ÷ variant',
        ...entrantsOf(chosenSystems(ALL, options), (system) => async (lab) => {
          return drainMeasures(await drain(lab, system, { n, warmup, concurrency, failing: true }))
        }),
      },
    ]
  },
}
