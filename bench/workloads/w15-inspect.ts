import { asAdmin } from '../../test/support/databases.ts'
import { insertHistory } from '../../test/support/history.ts'
import type { Contest, Entrant, Metric } from '../harness/contest.ts'
import type { Lab } from '../harness/lab.ts'
import { percentile } from '../harness/statistics.ts'
import { nowMs } from '../processes/clock.ts'
import { type Answers, openAnswers } from '../systems/answers.ts'
import { insertPending } from './rows.ts'
import type { Workload } from './workload.ts'

const TIMES = 20

const METRICS: readonly Metric[] = [
  { key: 'first', title: 'first ms', digits: 1 },
  { key: 'p50', title: 'p50 ms', digits: 1 },
  { key: 'most', title: 'most ms', digits: 1 },
]

export const w15Inspect: Workload = {
  name: 'w15-inspect',
  title: 'Inspect: what an operator asks, while there are millions of requests',
  reps: 1,
  contests: ({ n = 1_000_000 }) => [answersOf(n)],
}

/** All ask the same database, which is made once. */
function answersOf(n: number): Contest {
  let opened: Promise<{ url: string; answers: Answers; lab: Lab }> | undefined
  const open = async (lab: Lab) => {
    const url = await lab.server.createDatabase(false)
    const answers = openAnswers(url)
    await answers.migrate()
    await asAdmin(url, async (client) => {
      await insertHistory(client, n)
      await insertPending(client, { targetUrl: lab.targetUrl, from: 0, count: n / 10, channels: ['backlog'] })
      await client.query('VACUUM ANALYZE')
    })
    return { url, answers, lab }
  }
  const entrant = (index: number, label: string): Entrant => ({
    label,
    system: 'requeuest',
    async run(lab) {
      opened ??= open(lab)
      const ask = (await opened).answers.all[index]?.[1] as () => Promise<unknown>
      const took: number[] = []
      while (took.length < TIMES) {
        const startedAt = nowMs()
        await ask()
        took.push(nowMs() - startedAt)
      }
      return { first: took[0] as number, p50: percentile(took, 50), most: Math.max(...took.slice(1)) }
    },
  })
  const labels = openAnswers('postgres://nowhere').all.map(([label]) => label)
  const [base, ...variants] = labels.map((label, index) => entrant(index, label)) as [Entrant, ...Entrant[]]
  return {
    title: `${n} requests, of which each thousandth failed, and ${n / 10} that are due in one channel`,
    metrics: METRICS,
    ratioOf: 'variant ÷ base',
    base,
    variants,
    async close() {
      const made = await opened
      await made?.answers.close()
      await made?.lab.server.dropDatabase(made.url)
    },
  }
}
