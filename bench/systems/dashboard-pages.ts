import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../generated/prisma/client.ts'
import { createDashboard } from '../../src/dashboard/index.ts'
import { Requeuest, statementName } from '../../src/index.ts'
import { costOfPage, PAGES_OF_HISTORY, withId } from '../../test/support/page-cost.ts'

/** The pages of a dashboard, by what they show. */
export const PAGE_NAMES = Object.keys(PAGES_OF_HISTORY)

export interface DashboardPages {
  migrate(): Promise<unknown>
  pathOf(name: string): Promise<string>
  /** Shows a page to its end. */
  show(path: string): Promise<void>
  /** How many pages of the database it reads. */
  blocksOf(path: string): Promise<number>
  close(): Promise<void>
}

export function openPages(databaseUrl: string): DashboardPages {
  const config = { connectionString: databaseUrl, options: '-c timezone=UTC' }
  const prisma = new PrismaClient({ adapter: new PrismaPg(config, { statementNameGenerator: statementName }) })
  const requeuest = new Requeuest(prisma)
  const dashboard = createDashboard(requeuest, { access: () => 'full' })
  return {
    migrate: () => requeuest.migrate(),
    pathOf: (name) => withId(prisma, PAGES_OF_HISTORY[name] ?? ''),
    async show(path) {
      const response = await dashboard(new Request(`http://localhost${path}`))
      if (!response.ok) throw new Error(`${path} answered ${response.status}`)
      await response.text()
    },
    blocksOf: async (path) => (await costOfPage(prisma, path)).blocks,
    close: () => prisma.$disconnect(),
  }
}
