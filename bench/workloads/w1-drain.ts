import type { Contest } from '../harness/contest.ts'
import type { Options } from '../harness/options.ts'
import type { SystemName } from '../systems/catalogue.ts'
import { type DrainTerms, drain } from './drain.ts'
import { DRAIN_METRICS, drainMeasures } from './drain-metrics.ts'
import { chosenSystems, entrantsOf } from './systems.ts'
import type { Workload } from './workload.ts'

const ALL: readonly SystemName[] = ['requeuest', 'graphile', 'pgboss', 'bullmq', 'undici', 'undici-dispatch']
/** It waits for seconds between its polls, so fewer requests say as much. */
const FEW_FOR_DEFAULTS = 500

export const w1Drain: Workload = {
  name: 'w1-drain',
  title: 'Drain: queued POSTs of 200 bytes, one worker process',
  reps: 5,
  contests: (options) => {
    const { n = 20_000, concurrency = 100 } = options
    return [
      drainContest([...ALL, 'graphile-default', 'pgboss-default'], options, { n, concurrency }),
      drainContest(ALL, options, { n: n * 2, concurrency }),
    ]
  },
}

export const w1Shapes: Workload = {
  name: 'w1-shapes',
  title: 'Drain in other shapes: 50 and 200 at once, a slow target, a long queue',
  reps: 5,
  contests: (options) => {
    const { n = 20_000 } = options
    return [
      drainContest(ALL, options, { n, concurrency: 50 }),
      drainContest(ALL, options, { n, concurrency: 200 }),
      drainContest(ALL, options, { n, concurrency: 200, delayMs: 20 }),
      drainContest(['requeuest', 'graphile'], options, { n: n * 10, concurrency: 100 }),
    ]
  },
}

function drainContest(usual: readonly SystemName[], options: Options, shape: Omit<DrainTerms, 'warmup'>): Contest {
  const { n, concurrency, delayMs } = shape
  const systems = chosenSystems(usual, options)
  const fewNote = systems.includes('pgboss-default') ? `; ${FEW_FOR_DEFAULTS} for pg-boss at its defaults` : ''
  return {
    title: `${n} requests, ${concurrency} at once${delayMs ? `, the target answers after ${delayMs} ms` : ''}${fewNote}`,
    metrics: DRAIN_METRICS,
    ratioOf: 'base ÷ variant',
    ...entrantsOf(systems, (system) => async (lab) => {
      const few = system === 'pgboss-default' ? Math.min(n, FEW_FOR_DEFAULTS) : n
      const warmup = Math.min(options.warmup, few)
      return drainMeasures(await drain(lab, system, { ...shape, n: few, warmup }))
    }),
  }
}
