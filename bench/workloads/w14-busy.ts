import type { SystemName } from '../systems/catalogue.ts'
import { drain } from './drain.ts'
import { DRAIN_METRICS, drainMeasures } from './drain-metrics.ts'
import { chosenSystems, entrantsOf } from './systems.ts'
import type { Workload } from './workload.ts'

const ALL: readonly SystemName[] = ['requeuest', 'graphile', 'pgboss']
const BURNERS = 8

export const w14Busy: Workload = {
  name: 'w14-busy',
  title: `Busy machine: the drain beside ${BURNERS} processes that do nothing but compute`,
  reps: 5,
  contests: (options) => {
    const { n = 20_000, concurrency = 100, warmup } = options
    return [
      {
        title: `${n} requests, ${concurrency} at once`,
        metrics: DRAIN_METRICS,
        ratioOf: 'base ÷ variant',
        ...entrantsOf(chosenSystems(ALL, options), (system) => async (lab) => {
          return drainMeasures(await drain(lab, system, { n, warmup, concurrency, burners: BURNERS }))
        }),
      },
    ]
  },
}
