import { expect, inject, test } from 'vitest'
import { init } from '../../../src/cli/init/init.ts'
import { asPrinted } from '../../../src/cli/init/sql-identifier.ts'
import { query } from '../../prisma/query.ts'
import { createDatabase } from '../../support/databases.ts'
import { TestProject } from '../project.ts'

const config = (url: string) => `
import { defineConfig } from 'prisma/config'
export default defineConfig({ schema: 'prisma/schema.prisma', datasource: { url: ${JSON.stringify(url)} } })`

interface Case {
  listed: string[]
  asked?: string
  /** Where the tables are to be. */
  goesTo: string
  /** What the URL says. */
  connection?: string
  preview?: string
}

const CASES: Record<string, Case> = {
  'the one that is asked for': { listed: ['public', 'queue'], asked: 'queue', goesTo: 'queue' },
  'the only one, which is not public': { listed: ['queue'], goesTo: 'queue' },
  'public, where the connection leads elsewhere': { listed: ['shop', 'public'], connection: 'shop', goesTo: 'public' },
  'another one, its indexes named': { listed: ['public', 'queue'], asked: 'queue', goesTo: 'queue', preview: 'on' },
  'one whose name is a keyword, its indexes named': { listed: ['user'], goesTo: 'user', preview: 'on' },
  'one whose name needs quotes, its indexes named': { listed: ["Bob's queue"], goesTo: "Bob's queue", preview: 'on' },
  'where the connection leads as well, its indexes named': {
    listed: ['public', 'queue'],
    asked: 'queue',
    connection: 'queue',
    goesTo: 'queue',
    preview: 'on',
  },
}

// Prisma's commands alone take seconds, and much longer on a busy machine.
test.each(Object.entries(CASES))(
  'migrations bring the tables, and nothing else, to the schema of the models, which is no drift: %s',
  { timeout: 120_000 },
  async (name, { listed, asked, goesTo, connection = 'public', preview }) => {
    const schema = `generator client {
  provider = "prisma-client"
  output   = "../src"
  ${preview ? 'previewFeatures = ["partialIndexes"]' : ''}
}
datasource db {
  provider = "postgresql"
  schemas  = ${JSON.stringify(listed)}
}
`
    const url = await createDatabase(inject('serverUrl'), `init_${Object.keys(CASES).indexOf(name)}`)
    const project = new TestProject({
      'prisma.config.ts': config(`${url}?schema=${connection}`),
      'prisma/schema.prisma': schema,
    })
    await init(project.folder, asked === undefined ? {} : { databaseSchema: asked })
    project.write({ 'prisma/migrations/20300101000000_later/migration.sql': 'CREATE SEQUENCE later;' })

    await project.prisma(['migrate', 'deploy'], {})
    const places = await query<{ schema: string; kind: string }>(
      url,
      `SELECT DISTINCT nspname AS schema, substring(relname FROM '^requeuest|^later$|^_prisma_migrations$') AS kind
       FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
       WHERE relname ~ '^requeuest|^later$|^_prisma_migrations$' ORDER BY kind`,
    )
    expect(places).toEqual([
      { schema: connection, kind: '_prisma_migrations' },
      { schema: connection, kind: 'later' },
      { schema: goesTo, kind: 'requeuest' },
    ])
    // Compares the migrations with the schema, and the database with the migrations.
    expect(await project.prisma(['migrate', 'dev', '--name', 'drift'], {})).toContain('Already in sync')
  },
)

test('names are printed as Postgres prints them', async () => {
  const names =
    "SELECT word AS name FROM pg_get_keywords() UNION ALL VALUES ('a_1'), ('_'), ('1a'), ('É'), ('A'), ('a\"b')"
  const rows = await query<{ name: string; printed: string }>(
    inject('serverUrl'),
    `SELECT name, quote_ident(name) AS printed FROM (${names}) AS names`,
  )
  expect(rows.length).toBeGreaterThan(400)
  expect(rows.map(({ name }) => asPrinted(name))).toEqual(rows.map(({ printed }) => printed))
})
