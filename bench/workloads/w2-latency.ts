import type { Contest, Entrant, Metric } from '../harness/contest.ts'
import { measureCost } from '../harness/cost.ts'
import { Run } from '../harness/run.ts'
import { percentile } from '../harness/statistics.ts'
import type { SystemName } from '../systems/catalogue.ts'
import { chosenSystems, entrantsOf } from './systems.ts'
import type { Workload } from './workload.ts'

const PER_SECOND = 200
/** Not counted: connections are opened and code is compiled meanwhile. */
const WARM_SECONDS = 2

const ALL: readonly SystemName[] = [
  'requeuest',
  'requeuest-polling',
  'graphile',
  'graphile-default',
  'pgboss',
  'bullmq',
]

const METRICS: readonly Metric[] = [
  { key: 'p50', title: 'p50 ms', digits: 1, paired: true },
  { key: 'p95', title: 'p95 ms', digits: 1, paired: true },
  { key: 'p99', title: 'p99 ms', digits: 1, paired: true },
  { key: 'storeCpu', title: 'database CPU ms/s', digits: 0 },
  { key: 'workerCpu', title: 'worker CPU ms/s', digits: 0 },
]

export const w2Latency: Workload = {
  name: 'w2-latency',
  title: 'Latency: 200 spawns a second, the worker idle in between; from the call of spawn to the arrival',
  reps: 5,
  contests: (options) => {
    const { seconds = 15, concurrency = 100 } = options
    const contest = (title: string, sameProcess: boolean): Contest => ({
      title,
      metrics: METRICS,
      ratioOf: 'base ÷ variant',
      ...entrantsOf(chosenSystems(ALL, options), (system) => latency(system, seconds, concurrency, sameProcess)),
    })
    return [contest('spawned in the process of the worker', true), contest('spawned in another process', false)]
  },
}

function latency(system: SystemName, seconds: number, concurrency: number, sameProcess: boolean): Entrant['run'] {
  return async (lab) => {
    const warm = { from: 0, count: PER_SECOND * WARM_SECONDS }
    const range = { from: warm.count, count: PER_SECOND * seconds }
    const ids = warm.count + range.count
    await using run = await Run.begin(lab, system, { target: { ids }, system: { concurrency } })
    const worker = await run.agent()
    const producer = sameProcess ? worker : await run.agent()
    await producer.install()
    await worker.start({ from: 0, count: ids })
    await producer.spawnPaced(warm, PER_SECOND)
    await run.arrived(warm.count)

    const endCost = await measureCost(lab, system, [worker])
    const calledAt = await producer.spawnPaced(range, PER_SECOND)
    await run.arrived(ids)
    const cost = await endCost()

    await worker.stop()
    await run.verifyArrivals()
    await worker.verify(ids)
    const firstMs = await lab.target.firstMs()
    const waits = calledAt.map((at, index) => (firstMs[range.from + index] as number) - at)
    return {
      p50: percentile(waits, 50),
      p95: percentile(waits, 95),
      p99: percentile(waits, 99),
      storeCpu: cost.storeCpuSeconds === null ? null : (cost.storeCpuSeconds / seconds) * 1000,
      workerCpu: (cost.workerCpuSeconds / seconds) * 1000,
    }
  }
}
