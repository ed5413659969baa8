import { setTimeout as sleep } from 'node:timers/promises'
import { asAdmin } from '../../test/support/databases.ts'
import type { Entrant, Metric } from '../harness/contest.ts'
import { measureCost } from '../harness/cost.ts'
import { Run } from '../harness/run.ts'
import { insertPending } from './rows.ts'
import type { Workload } from './workload.ts'

/** Until a worker that has found nothing looks as seldom as it ever will. */
const CALM_MS = 5000
const A_DAY = 86_400

const METRICS: readonly Metric[] = [
  { key: 'workerCpu', title: 'worker % of a core', digits: 2 },
  { key: 'storeCpu', title: 'database % of a core', digits: 2 },
  { key: 'queries', title: 'queries/s', digits: 2 },
  { key: 'statements', title: 'with BEGIN and COMMIT', digits: 2 },
]

export const w9Idle: Workload = {
  name: 'w9-idle',
  title: 'Idle: a worker of a thousand channels in which nothing is due',
  reps: 1,
  contests: ({ n = 1000, seconds = 60 }) => {
    const channels = Array.from({ length: n }, (_, index) => `channel-${index}`)
    return [
      {
        title: `${n} channels, each with a request that is due tomorrow, ${seconds} s`,
        metrics: METRICS,
        ratioOf: 'variant ÷ base',
        base: { label: `${n} channels by name`, system: 'requeuest', run: idle(channels, channels, seconds) },
        variants: [{ label: "channels: 'all'", system: 'requeuest', run: idle(channels, 'all', seconds) }],
      },
    ]
  },
}

function idle(existing: readonly string[], channels: readonly string[] | 'all', seconds: number): Entrant['run'] {
  return async (lab) => {
    const target = { ids: existing.length }
    await using run = await Run.begin(lab, 'requeuest', { target, system: { channels }, logged: true })
    const worker = await run.agent()
    await worker.install()
    await asAdmin(run.databaseUrl, (client) => {
      const rows = { from: 0, count: existing.length, channels: existing, dueInSeconds: A_DAY }
      return insertPending(client, { targetUrl: lab.targetUrl, ...rows })
    })
    await run.settle()
    await worker.start({ from: 0, count: existing.length })
    await sleep(CALM_MS)
    lab.server.statements.take()
    const endCost = await measureCost(lab, 'requeuest', [worker])
    await sleep(seconds * 1000)
    const cost = await endCost()
    const statements = lab.server.statements.take()
    await worker.stop()
    const queries = statements.filter(({ text }) => !/^(BEGIN|COMMIT)/.test(text))
    return {
      workerCpu: (cost.workerCpuSeconds / seconds) * 100,
      storeCpu: cost.storeCpuSeconds === null ? null : (cost.storeCpuSeconds / seconds) * 100,
      queries: queries.length / seconds,
      statements: statements.length / seconds,
    }
  }
}
