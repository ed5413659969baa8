import { setTimeout as sleep } from 'node:timers/promises'
import { asAdmin } from '../../test/support/databases.ts'
import type { Entrant, Metric } from '../harness/contest.ts'
import type { Lab } from '../harness/lab.ts'
import { Run } from '../harness/run.ts'
import type { Statement } from '../harness/statement-log.ts'
import { nowMs } from '../processes/clock.ts'
import { CLAIM_METRICS, claimTimes } from './claim-times.ts'
import { insertPending } from './rows.ts'
import type { Workload } from './workload.ts'

/** More than are sent between two looks. */
const PENDING = 20_000
const LOOK_MS = 250
/** Every so many requests one fails at first and comes again. */
const FAIL_EVERY = 10
/** More ids than any machine sends in a second. */
const MOST_PER_SECOND = 20_000
const WINDOW_MS = 10_000

const METRICS: readonly Metric[] = [
  ...CLAIM_METRICS,
  { key: 'worstP99', title: `claim p99 ms in the worst ${WINDOW_MS / 1000} s`, digits: 2 },
  { key: 'firstRate', title: 'tries/s at first', digits: 0 },
  { key: 'lastRate', title: 'tries/s at last', digits: 0 },
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
  statements: Statement[]
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
    const all = claimTimes(windows.flatMap(({ statements }) => statements))
    const worst = windows.map(({ statements }) => claimTimes(statements).claimP99)
    const rates = windows.map(({ rate }) => rate)
    return {
      ...all,
      worstP99: Math.max(...worst),
      firstRate: rates[0] ?? null,
      lastRate: rates.at(-1) ?? null,
    }
  }
}

/** Keeps as many requests pending as there were at first, and tells what happened, ten seconds at a time. */
async function feed(lab: Lab, databaseUrl: string, seconds: number): Promise<Window[]> {
  return asAdmin(databaseUrl, async (client) => {
    await client.query('SET log_min_duration_statement = -1')
    const windows: Window[] = []
    const endAt = nowMs() + seconds * 1000
    let spawned = 0
    let windowAt = nowMs()
    let windowTotal = 0
    lab.server.statements.take()
    while (nowMs() < endAt) {
      const total = await lab.target.total()
      const count = PENDING - (spawned - total)
      if (count > 0) await insertPending(client, { targetUrl: lab.targetUrl, from: spawned, count })
      spawned += Math.max(0, count)
      await sleep(LOOK_MS)
      const sinceMs = nowMs() - windowAt
      if (sinceMs < WINDOW_MS && nowMs() < endAt) continue
      const now = await lab.target.total()
      windows.push({ statements: lab.server.statements.take(), rate: ((now - windowTotal) / sinceMs) * 1000 })
      windowAt = nowMs()
      windowTotal = now
    }
    return windows
  })
}
