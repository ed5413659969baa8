import { asAdmin } from '../../test/support/databases.ts'
import { insertActivity, insertHistory } from '../../test/support/history.ts'
import type { Contest, Entrant, Metric } from '../harness/contest.ts'
import type { Lab } from '../harness/lab.ts'
import { percentile } from '../harness/statistics.ts'
import { nowMs } from '../processes/clock.ts'
import { type DashboardPages, openPages, PAGE_NAMES } from '../systems/dashboard-pages.ts'
import { insertPending } from './rows.ts'
import type { Workload } from './workload.ts'

const TIMES = 20

const METRICS: readonly Metric[] = [
  { key: 'first', title: 'first ms', digits: 1 },
  { key: 'p50', title: 'p50 ms', digits: 1 },
  { key: 'most', title: 'most ms', digits: 1 },
  { key: 'blocks', title: 'pages read', digits: 0 },
]

export const w16Dashboard: Workload = {
  name: 'w16-dashboard',
  title: 'Dashboard: its pages, while there are millions of requests',
  reps: 1,
  contests: ({ n = 10_000_000 }) => [pagesOf(n)],
}

/** All are of the same database, which is made once. */
function pagesOf(n: number): Contest {
  let opened: Promise<{ url: string; pages: DashboardPages; lab: Lab }> | undefined
  const open = async (lab: Lab) => {
    const url = await lab.server.createDatabase(false)
    const pages = openPages(url)
    await pages.migrate()
    await asAdmin(url, async (client) => {
      await insertHistory(client, n)
      await insertActivity(client)
      await insertPending(client, { targetUrl: lab.targetUrl, from: 0, count: n / 10, channels: ['backlog'] })
      await client.query('VACUUM ANALYZE')
    })
    return { url, pages, lab }
  }
  const entrants = PAGE_NAMES.map(
    (name): Entrant => ({
      label: name,
      system: 'requeuest',
      async run(lab) {
        opened ??= open(lab)
        const { pages } = await opened
        const path = await pages.pathOf(name)
        const took: number[] = []
        while (took.length < TIMES) {
          const startedAt = nowMs()
          await pages.show(path)
          took.push(nowMs() - startedAt)
        }
        const blocks = await pages.blocksOf(path)
        return { first: took[0] as number, p50: percentile(took, 50), most: Math.max(...took.slice(1)), blocks }
      },
    }),
  )
  const [base, ...variants] = entrants as [Entrant, ...Entrant[]]
  return {
    title: `${n} requests, of which each thousandth failed, and ${n / 10} that are due in one channel`,
    metrics: METRICS,
    ratioOf: 'variant ÷ base',
    base,
    variants,
    async close() {
      const made = await opened
      await made?.pages.close()
      await made?.lab.server.dropDatabase(made.url)
    },
  }
}
