import { setTimeout as sleep } from 'node:timers/promises'
import { asAdmin } from '../../test/support/databases.ts'
import type { Entrant, Metric } from '../harness/contest.ts'
import { Run } from '../harness/run.ts'
import { percentile } from '../harness/statistics.ts'
import { nowMs } from '../processes/clock.ts'
import { CLAIM_METRICS, claimMeasures, claimMs } from './claim-times.ts'
import { insertPending } from './rows.ts'
import type { Workload } from './workload.ts'

const QUIET = Array.from({ length: 99 }, (_, index) => `quiet-${index}`)
const NOISY = 'noisy'
const ROUNDS = 10
const ROUND_MS = 500
/** What was refused waits before all others, but not yet. */
const HIGH_PRIORITY = 0
const AN_HOUR = 3600

const METRICS: readonly Metric[] = [
  { key: 'waitP50', title: 'quiet: wait p50 ms', digits: 0 },
  { key: 'waitMax', title: 'quiet: longest wait ms', digits: 0 },
  ...CLAIM_METRICS,
]

export const w7Neighbour: Workload = {
  name: 'w7-neighbour',
  title: 'Noisy neighbour: 99 channels with 10 requests each beside one with hundreds of thousands',
  reps: 3,
  contests: ({ n = 900_000, concurrency = 100 }) => [
    {
      title: `${n} pending in one channel, ${Math.round(n / 3)} backed-off ones of higher priority before them`,
      metrics: METRICS,
      ratioOf: 'variant ÷ base',
      base: {
        label: '100 channels by name',
        system: 'requeuest',
        run: besideNoise(n, concurrency, [NOISY, ...QUIET]),
      },
      variants: [{ label: "channels: 'all'", system: 'requeuest', run: besideNoise(n, concurrency, 'all') }],
    },
  ],
}

function besideNoise(noisy: number, concurrency: number, channels: readonly string[] | 'all'): Entrant['run'] {
  const backedOff = Math.round(noisy / 3)
  const firstQuiet = noisy + backedOff
  return async (lab) => {
    const { targetUrl } = lab
    await using run = await Run.begin(lab, 'requeuest', {
      target: { ids: firstQuiet + QUIET.length * ROUNDS },
      system: { concurrency, channels },
      logged: true,
    })
    const worker = await run.agent()
    await worker.install()
    return await asAdmin(run.databaseUrl, async (client) => {
      await client.query('SET log_min_duration_statement = -1')
      await insertPending(client, { targetUrl, from: 0, count: noisy, channels: [NOISY] })
      const later = { priority: HIGH_PRIORITY, dueInSeconds: AN_HOUR }
      await insertPending(client, { targetUrl, from: noisy, count: backedOff, channels: [NOISY], ...later })
      await run.settle()
      await worker.start({ from: 0, count: noisy })
      await run.arrived(1000)
      lab.server.statements.take()
      const spawnedAt: number[] = []
      for (let round = 0; round < ROUNDS; round++) {
        spawnedAt.push(nowMs())
        const from = firstQuiet + round * QUIET.length
        await insertPending(client, { targetUrl, from, count: QUIET.length, channels: QUIET })
        await sleep(ROUND_MS)
      }
      const firstMs = await lab.target.firstMs()
      const claims = claimMeasures(claimMs(lab.server.statements.take()))
      await worker.stop()
      await run.verifyNoDuplicates()
      const waits = spawnedAt.flatMap((at, round) =>
        QUIET.map((_, index) => waitOf(firstMs[firstQuiet + round * QUIET.length + index], at)),
      )
      return { waitP50: percentile(waits, 50), waitMax: Math.max(...waits), ...claims }
    })
  }
}

/** What has not arrived waits for longer than was looked. */
function waitOf(arrivedAt: number | undefined, spawnedAt: number): number {
  return arrivedAt ? arrivedAt - spawnedAt : ROUNDS * ROUND_MS
}
