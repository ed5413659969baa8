import { type Block, type Entry, readBlocks } from '../src/cli/init/schema-reader.ts'
import { functionComments, indexComments, triggerComments } from './database-comments.ts'

const BEGIN = '-- Comments, made by `npm run embed` out of schema.prisma and scripts/database-comments.ts.\n'
const END = '-- End of the comments.\n'

/** The migration with its comments as the schema has them now. */
export function withComments(migration: string, schema: string): string {
  const [before, rest] = [migration.indexOf(BEGIN), migration.indexOf(END)]
  if (before === -1 || rest < before) throw new Error('The migration does not say where its comments are.')
  return `${migration.slice(0, before)}${BEGIN}${commentBlock(schema)}${migration.slice(rest)}`
}

function commentBlock(schema: string): string {
  const blocks = readBlocks({ path: 'schema.prisma', text: schema })
  const of = (kind: string) => blocks.filter((block) => block.kind === kind)
  const models = new Set(of('model').map(({ name }) => name))
  const triggers = Object.entries(triggerComments)
  const trigger = ([name, { table, comment }]: (typeof triggers)[number]) =>
    statement(`TRIGGER "${name}" ON "${table}"`, comment)
  const late = triggers.filter(([, { since }]) => since !== undefined)
  const fromSchema = [
    ...of('enum').map((block) => statement(`TYPE "${block.table}"`, describeEnum(block))),
    ...of('model').flatMap((block) => [
      statement(`TABLE "${block.table}"`, describe(block)),
      ...columnsOf(block, models).map((entry) =>
        statement(`COLUMN "${block.table}"."${entry.column}"`, describe(entry)),
      ),
    ]),
  ]
  return [
    ...fromSchema.map((sql) => inSql(sql, blocks)),
    ...Object.entries(indexComments).map(([name, comment]) => statement(`INDEX "${name}"`, comment)),
    ...Object.entries(functionComments).map(([name, comment]) => statement(`FUNCTION "${name}"`, comment)),
    ...triggers.filter(([, { since }]) => since === undefined).map(trigger),
    ...late.map((one) => onlySince(one[1].since as number, trigger(one))),
  ].join('')
}

/** Relations are no columns. */
export function columnsOf(block: Block, models: ReadonlySet<string>): Entry[] {
  return block.entries.filter(({ name, type }) => !name.startsWith('@@') && !models.has(type))
}

/** What stands above a declaration in `///`, as one line. */
export function describe({ name, text }: Pick<Entry, 'name' | 'text'>): string {
  const [above = ''] = /^(?:[ \t]*\/\/.*\n)*/.exec(text) ?? []
  const lines = Array.from(above.matchAll(/^[ \t]*\/\/\/ ?(.*)$/gm), ([, line = '']) => line.trim())
  if (lines.length === 0) throw new Error(`${name} has no comment in schema.prisma.`)
  return lines.join(' ')
}

/** What stands above an enum and above each of its values. */
export function describeEnum({ name, text, entries }: Block): string {
  const values = entries.filter((entry) => !entry.name.startsWith('@@'))
  return [describe({ name, text }), ...values.map((value) => `${value.name}: ${describe(value)}`)].join('\n')
}

/** The schema speaks of fields and models, the database of columns and tables. */
export function inSql(text: string, blocks: readonly Block[]): string {
  const names = new Map(blocks.flatMap((block) => [block, ...block.entries].map((one) => [one.name, nameInSql(one)])))
  return text.replaceAll(/`(\w+)`/g, (_, name: string) => `\`${names.get(name) ?? name}\``)
}

function nameInSql(one: Block | Entry): string {
  return 'table' in one ? one.table : one.column
}

function statement(object: string, comment: string): string {
  // A database may have any encoding.
  if (/[^\x20-\x7e\n]/.test(comment)) throw new Error(`The comment of ${object} is not plain ASCII: ${comment}`)
  return `COMMENT ON ${object} IS '${comment.replaceAll("'", "''")}';\n`
}

function onlySince(version: number, sql: string): string {
  return `DO $$ BEGIN\n  IF current_setting('server_version_num')::int >= ${version} THEN\n    ${sql}  END IF;\nEND $$;\n`
}
