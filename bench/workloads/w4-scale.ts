import type { Entrant, Measures, Metric } from '../harness/contest.ts'
import { measureCost } from '../harness/cost.ts'
import type { Lab } from '../harness/lab.ts'
import { Run } from '../harness/run.ts'
import { nowMs } from '../processes/clock.ts'
import { CLAIM_METRICS, claimMeasures, claimMs } from './claim-times.ts'
import { Stock, type StockTerms } from './stock.ts'
import type { Workload } from './workload.ts'

/** How many of those that wait are sent. */
const FIRST = 5000
const SMALL = 10_000

const METRICS: readonly Metric[] = [
  { key: 'storeCpu', title: 'database CPU s/1k', digits: 3, paired: true },
  { key: 'rate', title: 'attempts/s', digits: 0, paired: true },
  ...CLAIM_METRICS,
]

export const w4Scale: Workload = {
  name: 'w4-scale',
  title: `Scale: the first ${FIRST} of ${SMALL} that wait, and the same beside millions of rows`,
  reps: 5,
  contests: ({ n = 1_000_000, concurrency = 100, warmup }) => {
    // Requests and attempts are rows alike: 1 and 2 × 4.5 of them make 10.
    const all = { pending: n, finished: Math.round(n * 4.5) }
    const stocks: Promise<Stock>[] = []
    const entrant = (label: string, terms: StockTerms): Entrant => {
      let opened: Promise<Stock> | undefined
      return {
        label,
        system: 'requeuest',
        async run(lab) {
          if (!opened) {
            opened = Stock.open(lab, terms)
            stocks.push(opened)
          }
          return drainFirst(lab, await opened, concurrency, warmup)
        },
      }
    }
    return [
      {
        title: `Requeuest, ${concurrency} at once`,
        metrics: METRICS,
        ratioOf: 'variant ÷ base',
        base: entrant(`${SMALL} pending`, { pending: SMALL, finished: 0 }),
        variants: [
          entrant(`${n} pending`, { pending: n, finished: 0 }),
          entrant(`${SMALL} pending, ${2 * n} finished`, { pending: SMALL, finished: 2 * n }),
          entrant(`${n} pending, ${10 * n} rows in all`, all),
        ],
        async close() {
          for (const stock of stocks) await (await stock).drop()
        },
      },
    ]
  },
}

async function drainFirst(lab: Lab, stock: Stock, concurrency: number, warmup: number): Promise<Measures> {
  await stock.topUp()
  const target = { ids: stock.ids }
  await using run = await Run.begin(lab, 'requeuest', { target, system: { concurrency }, databaseUrl: stock.url })
  const worker = await run.agent()
  await worker.start({ from: 0, count: stock.ids })
  await run.arrived(warmup)
  lab.server.statements.take()
  const endCost = await measureCost(lab, 'requeuest', [worker])
  const startedAt = nowMs()
  const before = await lab.target.total()
  const endedAt = await run.arrived(before + FIRST)
  const cost = await endCost()
  const delivered = (await lab.target.total()) - before
  const claims = claimMeasures(claimMs(lab.server.statements.take()))
  await worker.stop()
  await run.verifyNoDuplicates()
  return {
    storeCpu: cost.storeCpuSeconds === null ? null : (cost.storeCpuSeconds / delivered) * 1000,
    rate: FIRST / ((endedAt - startedAt) / 1000),
    ...claims,
  }
}
