import type { Metric } from '../harness/contest.ts'
import { Run } from '../harness/run.ts'
import type { SystemName } from '../systems/catalogue.ts'
import { chosenSystems, entrantsOf } from './systems.ts'
import type { Workload } from './workload.ts'

const AT_ONCE = 10
const BATCH = 1000
/** Batches are that much faster, so it takes more of them to last as long. */
const BATCHED_PER_SINGLE = 10
const WARMUP = 500

const ALL: readonly SystemName[] = ['requeuest', 'graphile', 'pgboss', 'bullmq']

const METRICS: readonly Metric[] = [
  { key: 'single', title: 'single/s', digits: 0, paired: true },
  { key: 'batched', title: 'batched rows/s', digits: 0, paired: true },
]

export const w3Spawn: Workload = {
  name: 'w3-spawn',
  title: 'Spawning: one by one, ten at a time; and in batches of 1000',
  reps: 5,
  contests: (options) => {
    const { n = 5000 } = options
    const spawn = (system: SystemName) => async (lab: Parameters<typeof Run.begin>[0]) => {
      const batched = n * BATCHED_PER_SINGLE
      await using run = await Run.begin(lab, system, { target: { ids: 0 } })
      const producer = await run.agent()
      await producer.install()
      await producer.spawnSingles({ from: 0, count: WARMUP }, AT_ONCE)
      const singleMs = await producer.spawnSingles({ from: 0, count: n }, AT_ONCE)
      await producer.spawnBatches({ from: 0, count: BATCH }, BATCH)
      const batchedMs = await producer.spawnBatches({ from: 0, count: batched }, BATCH)
      return { single: (n / singleMs) * 1000, batched: (batched / batchedMs) * 1000 }
    }
    return [
      {
        title: `${n} one by one, ${n * BATCHED_PER_SINGLE} in batches`,
        metrics: METRICS,
        ratioOf: 'base ÷ variant',
        ...entrantsOf(chosenSystems(ALL, options), spawn),
      },
    ]
  },
}
