import { createServer } from 'node:http'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../generated/prisma/client.ts'
import { createDashboard } from '../../src/dashboard/index.ts'
import { Requeuest } from '../../src/index.ts'
import { createDatabase } from '../support/databases.ts'
import { migrateDeploy } from '../support/migrate.ts'
import { startPostgres } from '../support/postgres.ts'
import { type Incident, stageIncident } from './incident.ts'

/** The dashboard of an incident, with a server of its own. */
export interface Staged {
  url: string
  prisma: PrismaClient
  incident: Incident
  stop(): Promise<void>
}

export async function startStaged(port: number): Promise<Staged> {
  const postgres = await startPostgres({ fsync: 'off' })
  const url = await createDatabase(postgres.url, 'dashboard')
  await migrateDeploy(url)
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) })
  const requeuest = new Requeuest(prisma, {
    network: { allow: ['127.0.0.1'] },
    retry: { backoff: { base: 200, factor: 1, jitter: 'none' } },
  })
  const incident = await stageIncident(prisma, requeuest)
  const dashboard = createDashboard(requeuest, { access: () => 'full', bodies: 'reveal' })
  const server = createServer(dashboard.toNode()).listen(port, '127.0.0.1')
  return {
    url: `http://127.0.0.1:${port}`,
    prisma,
    incident,
    async stop() {
      server.close()
      server.closeAllConnections()
      await requeuest.stop()
      await incident[Symbol.asyncDispose]()
      await prisma.$disconnect()
      await postgres.stop()
    },
  }
}
