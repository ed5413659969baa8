import type { PrismaClient } from '../../generated/prisma/client.ts'
import { createDashboard } from '../../src/dashboard/index.ts'
import { Requeuest } from '../../src/index.ts'

/** How many pages of the database it takes to show a page of the dashboard, as its own transaction counts them. */
export async function costOfPage(prisma: PrismaClient, path: string): Promise<{ status: number; blocks: number }> {
  return prisma.$transaction(
    async (tx) => {
      const within = (work: unknown) => (typeof work === 'function' ? work(tx) : Promise.all(work as unknown[]))
      const client = {
        $queryRaw: tx.$queryRaw.bind(tx),
        $executeRaw: tx.$executeRaw.bind(tx),
        $transaction: within,
        $connect: async () => {},
      }
      const dashboard = createDashboard(new Requeuest(client as never), { access: () => 'full' })
      const fetched = async () => {
        const [{ blocks }] = await tx.$queryRaw<[{ blocks: number }]>`
          SELECT sum(pg_stat_get_xact_blocks_fetched(oid) + pg_stat_get_xact_blocks_fetched(reltoastrelid))::int AS blocks
          FROM pg_class WHERE relkind IN ('r', 'i') AND relname LIKE 'requeuest%'`
        return blocks
      }
      const before = await fetched()
      const { status } = await dashboard(new Request(`http://localhost${path}`))
      return { status, blocks: (await fetched()) - before }
    },
    { timeout: 60_000, maxWait: 60_000 },
  )
}

/** The pages of the dashboard of what `insertHistory` has written, by what they show, with `:state` for the id of a request. */
export const PAGES_OF_HISTORY: Readonly<Record<string, string>> = {
  overview: '/',
  'overview of a day': '/?within=24h',
  requests: '/requests',
  'requests that failed': '/requests?state=failed',
  'requests that failed in a channel': '/requests?state=failed&channel=channel-1',
  'requests by a URL that there is not': '/requests?url-contains=/nowhere',
  'requests by their last status': '/requests?status=503',
  'requests delivered in the last hour': '/requests?state=delivered&finished-after=1h',
  'requests spawned in the last hour': '/requests?created-after=1h',
  'requests of a line': '/requests?order-key=line-3',
  'requests of a receiver': '/requests?origin=https://receiver-1.example.com',
  'a delivered request': '/requests/:delivered',
  'a failed request': '/requests/:failed',
  failures: '/failures',
  'failures of all times': '/failures?within=all',
  receivers: '/receivers',
  'a receiver': '/receivers/one?origin=https://receiver-1.example.com',
  channels: '/channels',
  'a channel': '/channels/one?channel=channel-1',
  lines: '/lines',
  schedules: '/schedules',
  workers: '/workers',
  'redriving all that failed': '/actions/redrive?state=failed',
  'cancelling a channel': '/actions/cancel?channel=channel-1',
  'pausing a channel': '/actions/pause?channel=channel-1',
}

/** The path with the id of the last request of a state. */
export async function withId(prisma: PrismaClient, path: string): Promise<string> {
  const [, state] = /:(delivered|failed)$/.exec(path) ?? []
  if (state === undefined) return path
  const where = { state: state as 'delivered' | 'failed' }
  const { id } = await prisma.httpRequest.findFirstOrThrow({ where, orderBy: { id: 'desc' } })
  return path.replace(`:${state}`, id)
}
