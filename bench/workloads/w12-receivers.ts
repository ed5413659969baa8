import type { SystemName } from '../systems/catalogue.ts'
import { drain } from './drain.ts'
import { DRAIN_METRICS, drainMeasures } from './drain-metrics.ts'
import { chosenSystems, entrantsOf } from './systems.ts'
import type { Workload } from './workload.ts'

const ALL: readonly SystemName[] = ['requeuest', 'graphile', 'pgboss', 'bullmq', 'undici']
const RECEIVERS = 200

/** Requeuest leaves each receiver alone for as long as it asks; the peers wait as they do for any failure. */
export const w12Receivers: Workload = {
  name: 'w12-receivers',
  title: `Receivers: ${RECEIVERS} over HTTPS, each answering in 5 to 200 ms; one in fifty is dead, the others say 503 to one in fifty`,
  reps: 5,
  contests: (options) => {
    const { n = 40_000, concurrency = 500, warmup } = options
    return [
      {
        title: `${n} requests, ${concurrency} at once; the time is until all have been answered that are not for the dead`,
        metrics: DRAIN_METRICS,
        ratioOf: 'base ÷ variant',
        ...entrantsOf(chosenSystems(ALL, options), (system) => async (lab) => {
          return drainMeasures(await drain(lab, system, { n, warmup, concurrency, receivers: RECEIVERS }))
        }),
      },
    ]
  },
}
