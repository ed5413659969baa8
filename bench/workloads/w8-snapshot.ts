import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import { asAdmin } from '../../test/support/databases.ts'
import type { Entrant, Metric } from '../harness/contest.ts'
import type { Lab } from '../harness/lab.ts'
import { Run } from '../harness/run.ts'
import { nowMs } from '../processes/clock.ts'
import { CLAIM_METRICS, claimMeasures, claimMs } from './claim-times.ts'
import { insertPending } from './rows.ts'
import type { Workload } from './workload.ts'

/** More than are sent between two looks. */
const PENDING = 20_000
const LOOK_MS = 250
/** Every so many requests one fails at first and comes again. */
const FAIL_EVERY = 10
/** More ids than any machine sends in a second. */
const MOST_PER_SECOND = 20_000
const WINDOW_SECONDS = 10

const METRICS: readonly Metric[] = [
  ...CLAIM_METRICS,
  { key: 'worstP99', title: `claim p99 ms in the worst ${WINDOW_SECONDS} s`, digits: 2 },
  { key: 'firstRate', title: 'attempts/s at first', digits: 0 },
  { key: 'lastRate', title: 'attempts/s at last', digits: 0 },
]

export const w8Snapshot: Workload = {
  name: 'w8-snapshot',
  title: 'Held snapshot: a repeatable-read transaction keeps every dead row while requests are sent and retried',
  reps: 1,
  contests: ({ seconds = 600, concurrency = 100 }) => [
    {
      title: `${seconds} s, ${PENDING} pending, each tenth request fails once, ${concurrency} at once`,
      metrics: METRICS,
      ratioOf: 'variant ÷ base',
      base: { label: 'Requeuest', system: 'requeuest', run: underSnapshot(seconds, concurrency) },
      variants: [],
    },
  ],
}

interface Window {
  claimMs: number[]
  rate: number
}

function underSnapshot(seconds: number, concurrency: number): Entrant['run'] {
  return async (lab) => {
    const ids = PENDING + seconds * MOST_PER_SECOND
    const target = { ids, failEvery: FAIL_EVERY }
    await using run = await Run.begin(lab, 'requeuest', { target, system: { concurrency }, logged: true })
    const worker = await run.agent()
    await worker.install()
    const windows = await asAdmin(run.databaseUrl, async (holder) => {
      await holder.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
      await holder.query('SELECT count(*) FROM requeuest_request')
      await worker.start({ from: 0, count: ids })
      return feed(lab, run.databaseUrl, seconds)
    })
    await worker.stop()
    await run.verifyNoDuplicates()
    const all = claimMeasures(windows.flatMap((window) => window.claimMs))
    const worst = windows.map((window) => claimMeasures(window.claimMs).claimP99)
    const rates = windows.map(({ rate }) => rate)
    return {
      ...all,
      worstP99: Math.max(...worst),
      firstRate: rates[0] ?? null,
      lastRate: rates.at(-1) ?? null,
    }
  }
}

/** Feeds the queue, and tells what happened, ten seconds at a time. */
async function feed(lab: Lab, databaseUrl: string, seconds: number): Promise<Window[]> {
  return asAdmin(databaseUrl, async (client) => {
    await client.query('SET log_min_duration_statement = -1')
    const windows: Window[] = []
    let spawned = 0
    for (let left = seconds; left > 0; left -= WINDOW_SECONDS) {
      const startedAt = nowMs()
      const before = await lab.target.total()
      lab.server.statements.take()
      while (nowMs() - startedAt < Math.min(left, WINDOW_SECONDS) * 1000) {
        spawned += await topUp(lab, client, spawned)
        await sleep(LOOK_MS)
      }
      const rate = (((await lab.target.total()) - before) / (nowMs() - startedAt)) * 1000
      windows.push({ claimMs: claimMs(lab.server.statements.take()), rate })
    }
    return windows
  })
}

/** Keeps as many requests pending as there were at first. */
async function topUp(lab: Lab, client: Client, spawned: number): Promise<number> {
  const count = Math.max(0, PENDING - (spawned - (await lab.target.distinct())))
  await insertPending(client, { targetUrl: lab.targetUrl, from: spawned, count })
  return count
}
