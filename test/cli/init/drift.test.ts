import { expect, inject, test } from 'vitest'
import { init } from '../../../src/cli/init/init.ts'
import { createDatabase } from '../../support/databases.ts'
import { TestProject } from '../project.ts'

const CONFIG = `
import { defineConfig } from 'prisma/config'
export default defineConfig({
  schema: 'prisma/models',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.DATABASE_URL, shadowDatabaseUrl: process.env.SHADOW_DATABASE_URL },
})`
const OURS = 'prisma/models/requeuest.prisma'

function main(generator = '', datasource = ''): string {
  return `generator client {\n  provider = "prisma-client"\n  output = "../src"\n  ${generator}\n}
datasource db {\n  provider = "postgresql"\n  ${datasource}\n}\n`
}

async function initialised(schema: string): Promise<TestProject> {
  const project = new TestProject({ 'prisma.config.ts': CONFIG, 'prisma/models/main.prisma': schema })
  await init(project.folder, {})
  return project
}

/** What Prisma would change to get from the migrations to the schema. */
async function drift(project: TestProject, name: string): Promise<string> {
  const shadow = await createDatabase(inject('serverUrl'), `drift_${name}`)
  const args = ['migrate', 'diff', '--from-migrations', 'prisma/migrations', '--to-schema', 'prisma/models']
  return project.prisma(args, { DATABASE_URL: inject('serverUrl'), SHADOW_DATABASE_URL: shadow })
}

test('the schema agrees with the migrations', async () => {
  const project = await initialised(main())
  expect(await drift(project, 'plain')).toContain('No difference detected')
})

test('also with the partialIndexes preview on, and where the user has renamed and removed things', async () => {
  const project = await initialised(main('', 'schemas = ["public"]'))
  project.edit(OURS, /\bHttpRequest\b/g, 'Call')
  project.edit(OURS, /\n {2}id +String /, '\n  uid String @map("id") ')
  project.edit(OURS, 'references: [id]', 'references: [uid]')
  project.edit(OURS, /\n {2}leaseUntil .*/, '\n  until DateTime? @map("lease_until") @db.Timestamptz(3)')
  project.edit(OURS, /\n {2}backoffJitter .*/g, '')
  project.edit(OURS, /\n {2}request Call .*/, '')
  project.edit(OURS, /\nenum HttpJitter [^}]*\}/, '')
  project.edit(OURS, /\n {2}rejected/, '')
  project.write({ 'prisma/models/mine.prisma': 'enum HttpJitter {\n  mine\n\n  @@schema("public")\n}\n' })
  project.edit('prisma/models/main.prisma', 'output', 'previewFeatures = ["partialIndexes"]\n  output')
  await init(project.folder, {})
  // The user's own enum is all that the migrations lack.
  expect((await drift(project, 'changed')).trim()).toBe('[+] Added enums\n  - HttpJitter')
})
