import type { Contest, Entrant } from '../harness/contest.ts'
import type { Options } from '../harness/options.ts'
import { factsOf, type SystemName } from '../systems/catalogue.ts'
import { drain } from './drain.ts'
import { DRAIN_METRICS, drainMeasures } from './drain-metrics.ts'
import { chosenSystems } from './systems.ts'
import type { Workload } from './workload.ts'

export const w6Processes: Workload = {
  name: 'w6-processes',
  title: 'Processes: the same drain by one, two and four workers, which share the concurrency',
  reps: 5,
  contests: (options) => chosenSystems(['requeuest', 'graphile'], options).map((system) => contest(system, options)),
}

/** So many that each of the processes has long been warm: the first thousands of deliveries of any take twice as long. */
const REQUESTS = 80_000

function contest(system: SystemName, { n = REQUESTS, concurrency = 100, warmup }: Options): Contest {
  const by = (processes: number): Entrant => ({
    label: processes === 1 ? '1 process' : `${processes} processes`,
    system,
    run: async (lab) => drainMeasures(await drain(lab, system, { n, warmup, concurrency, processes })),
  })
  return {
    title: `${factsOf(system).title}: ${n} requests, ${concurrency} at once in all`,
    metrics: DRAIN_METRICS,
    ratioOf: 'variant ÷ base',
    base: by(1),
    variants: [by(2), by(4)],
  }
}
