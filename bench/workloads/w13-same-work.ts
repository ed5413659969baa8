import type { SystemName } from '../systems/catalogue.ts'
import { drain } from './drain.ts'
import { DRAIN_METRICS, drainMeasures } from './drain-metrics.ts'
import { chosenSystems, entrantsOf } from './systems.ts'
import type { Workload } from './workload.ts'

const ALL: readonly SystemName[] = ['requeuest', 'graphile-attempts', 'pgboss-attempts', 'bullmq-attempts']

export const w13SameWork: Workload = {
  name: 'w13-same-work',
  title: 'The same work: the drain against peers whose user inserts a row for every attempt, as Requeuest does',
  reps: 5,
  contests: (options) => {
    const { n = 20_000, concurrency = 100, warmup } = options
    return [
      {
        title: `${n} requests, ${concurrency} at once; status, headers, body, duration and outcome of every attempt are kept`,
        metrics: DRAIN_METRICS,
        ratioOf: 'base ÷ variant',
        ...entrantsOf(chosenSystems(ALL, options), (system) => async (lab) => {
          return drainMeasures(await drain(lab, system, { n, warmup, concurrency }))
        }),
      },
    ]
  },
}
