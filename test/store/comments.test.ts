import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { columnsOf, describe, describeEnum, inSql, withComments } from '../../scripts/comment-block.ts'
import { functionComments, indexComments, triggerComments } from '../../scripts/database-comments.ts'
import { firstMigration, schemaFile } from '../../scripts/embedded-modules.ts'
import { readBlocks } from '../../src/cli/init/schema-reader.ts'
import { useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const schema = readFileSync(schemaFile, 'utf8')

interface Commented {
  object: string
  comment: string | null
}

test('the migration comments on what it makes as the schema does', () => {
  const migration = readFileSync(firstMigration, 'utf8')
  expect(withComments(migration, schema) === migration, 'It is out of date: run `npm run embed`.').toBe(true)
})

test('every type, table, column, index, function and trigger of a database has its comment', async () => {
  const found = await database.prisma.$queryRaw<Commented[]>`
    SELECT 'type ' || typname AS object, obj_description(oid, 'pg_type') AS comment FROM pg_type
      WHERE typtype = 'e' AND typnamespace = 'public'::regnamespace
    UNION ALL SELECT CASE relkind WHEN 'i' THEN 'index ' ELSE 'table ' END || relname, obj_description(oid, 'pg_class')
      FROM pg_class WHERE relkind IN ('r', 'i') AND relnamespace = 'public'::regnamespace AND relname LIKE 'requeuest%'
    UNION ALL SELECT 'column ' || relname || '.' || attname, col_description(attrelid, attnum)
      FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
      WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname LIKE 'requeuest%'
        AND attnum > 0 AND NOT attisdropped
    UNION ALL SELECT 'function ' || proname, obj_description(oid, 'pg_proc') FROM pg_proc
      WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT 'trigger ' || tgname, obj_description(oid, 'pg_trigger') FROM pg_trigger
      WHERE NOT tgisinternal AND tgrelid::regclass::text LIKE 'requeuest%'`
  const [server] = await database.prisma.$queryRaw<{ version: number }[]>`
    SELECT current_setting('server_version_num')::int AS version`
  expect(byObject(found)).toEqual(byObject(commentsSince(server!.version)))
  expect(byObject(found)).toMatchObject({
    'table requeuest_schedule': 'A request that is spawned repeatedly, by cron. May be written and edited by hand.',
    'column requeuest_schedule.changed_at':
      'When `cron`, `timezone` or `paused_at` was last changed. Maintained by the database.',
    'type requeuest_limit_kind':
      'What a limit applies to.\nchannel: A channel.\norigin: An origin: scheme, host and port.',
  })
})

/** What a server of this version is to have. */
function commentsSince(version: number): Commented[] {
  const blocks = readBlocks({ path: 'schema.prisma', text: schema })
  const models = blocks.filter(({ kind }) => kind === 'model')
  const names = new Set(models.map(({ name }) => name))
  const columns = models.flatMap((block) =>
    columnsOf(block, names).map((entry) => [`column ${block.table}.${entry.column}`, describe(entry)]),
  )
  const ofSchema = [
    ...blocks.filter(({ kind }) => kind === 'enum').map((block) => [`type ${block.table}`, describeEnum(block)]),
    ...models.map((block) => [`table ${block.table}`, describe(block)]),
    ...columns,
  ].map(([object = '', comment = '']) => ({ object, comment: inSql(comment, blocks) }))
  const of = (kind: string, comments: Record<string, string>) =>
    Object.entries(comments).map(([name, comment]) => ({ object: `${kind} ${name}`, comment }))
  const triggers = Object.entries(triggerComments)
    .filter(([, { since = 0 }]) => version >= since)
    .map(([name, { comment }]) => ({ object: `trigger ${name}`, comment }))
  return [...ofSchema, ...of('index', indexComments), ...of('function', functionComments), ...triggers]
}

const byObject = (all: readonly Commented[]) => Object.fromEntries(all.map(({ object, comment }) => [object, comment]))
