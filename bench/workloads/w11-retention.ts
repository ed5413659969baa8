import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import { asAdmin } from '../../test/support/databases.ts'
import type { Entrant, Measures, Metric } from '../harness/contest.ts'
import { Run } from '../harness/run.ts'
import type { Statement } from '../harness/statement-log.ts'
import { percentile } from '../harness/statistics.ts'
import { nowMs } from '../processes/clock.ts'
import type { Terms } from '../systems/system.ts'
import { CLAIM_METRICS, claimMeasures, claimMs } from './claim-times.ts'
import { insertFinished, insertPending } from './rows.ts'
import type { Workload } from './workload.ts'

/** More than are sent in a second. */
const MOST_PER_SECOND = 30_000
const LOOK_MS = 500

const METRICS: readonly Metric[] = [
  { key: 'pruned', title: 'requests pruned/s', digits: 0 },
  { key: 'batchP50', title: 'batch p50 ms', digits: 1 },
  { key: 'batchP99', title: 'batch p99 ms', digits: 1 },
  ...CLAIM_METRICS,
  { key: 'rate', title: 'attempts/s', digits: 0, paired: true },
]

export const w11Retention: Workload = {
  name: 'w11-retention',
  title: 'Retention: a worker deletes delivered requests with their attempts, or their bodies, while it sends others',
  reps: 1,
  contests: ({ n = 200_000, seconds = 20, concurrency = 100 }) => [
    {
      title: `${n} delivered requests, each with an attempt; ${seconds} s, ${concurrency} at once`,
      metrics: METRICS,
      ratioOf: 'variant ÷ base',
      base: entrant('keeps everything', n, seconds, { concurrency }),
      variants: [
        entrant('deletes requests', n, seconds, { concurrency, retention: { delivered: '1h' } }),
        entrant('deletes bodies', n, seconds, { concurrency, retention: { bodies: '1h' } }),
        entrant('deletes requests, sends none', n, seconds, { concurrency, retention: { delivered: '1h' } }, false),
      ],
    },
  ],
}

function entrant(label: string, finished: number, seconds: number, system: Partial<Terms>, sends = true): Entrant {
  const ids = sends ? seconds * MOST_PER_SECOND : 0
  return {
    label,
    system: 'requeuest',
    async run(lab) {
      await using run = await Run.begin(lab, 'requeuest', { target: { ids }, system, logged: true })
      const worker = await run.agent()
      await worker.install()
      return await asAdmin(run.databaseUrl, async (client) => {
        await client.query('SET log_min_duration_statement = -1')
        await insertFinished(client, lab.targetUrl, finished)
        await insertPending(client, { targetUrl: lab.targetUrl, from: 0, count: ids })
        await client.query('VACUUM ANALYZE')
        await client.query('CHECKPOINT')
        lab.server.statements.take()
        await worker.start({ from: 0, count: ids })
        const startedAt = nowMs()
        let isAnyLeft = true
        for (let gone = 0; gone < seconds && isAnyLeft; gone = (nowMs() - startedAt) / 1000) {
          await sleep(LOOK_MS)
          if (!sends) isAnyLeft = await hasAnyLeft(client)
        }
        const took = (nowMs() - startedAt) / 1000
        const statements = lab.server.statements.take()
        const rate = (await lab.target.total()) / took
        const left = await countLeft(client)
        await worker.stop()
        await run.verifyNoDuplicates()
        return {
          pruned: (finished - left) / took,
          ...batchMeasures(statements),
          ...(sends ? { ...claimMeasures(claimMs(statements)), rate } : { claimP50: null, claimP99: null, rate: null }),
        }
      })
    },
  }
}

/** What of the stock has not been pruned. */
const LEFT = `FROM requeuest_request
  WHERE state = 'delivered' AND NOT bodies_pruned AND finished_at < statement_timestamp() - interval '1 hour'`

async function countLeft(client: Client): Promise<number> {
  const { rows } = await client.query(`SELECT count(*)::int AS left ${LEFT}`)
  return rows[0].left
}

/** While it is measured nothing is counted: of millions that would take a part of the machine. */
async function hasAnyLeft(client: Client): Promise<boolean> {
  const { rows } = await client.query(`SELECT EXISTS (SELECT ${LEFT}) AS found`)
  return rows[0].found
}

function batchMeasures(statements: readonly Statement[]): Measures {
  const batches = statements.filter(({ text }) => /pg_try_advisory_xact_lock/.test(text)).map(({ ms }) => ms)
  if (batches.length === 0) return { batchP50: null, batchP99: null }
  return { batchP50: percentile(batches, 50), batchP99: percentile(batches, 99) }
}
