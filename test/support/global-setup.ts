import type {} from 'vitest'
import type { TestProject } from 'vitest/node'
import { createDatabase } from './databases.ts'
import { migrateDeploy } from './migrate.ts'
import { startPostgres } from './postgres.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Connection string of the administrator of the test server. */
    serverUrl: string
    /** A migrated database that every test file copies. */
    templateName: string
  }
}

const TEMPLATE = 'requeuest_template'

/** One server a run; the template is migrated once, by the real `prisma migrate deploy`. */
export default async function setup(project: TestProject) {
  const postgres = await startPostgres({ fsync: 'off', max_connections: '300' })
  await migrateDeploy(await createDatabase(postgres.url, TEMPLATE))
  project.provide('serverUrl', postgres.url)
  project.provide('templateName', TEMPLATE)
  return () => postgres.stop()
}
