import { createHash } from 'node:crypto'
import { memoized } from '../runtime/memoize.ts'

/**
 * Names this library's statements, so that Postgres plans each once per connection instead of every time:
 * `new PrismaPg(config, { statementNameGenerator: statementName })`. Other statements stay unnamed.
 *
 * Requires `@prisma/adapter-pg` 7.6 or later, and with PgBouncer in transaction mode PgBouncer 1.21 or later: earlier versions mix
 * up named statements.
 *
 * @returns a name such as `requeuest:claimRequests:5d41402abc4b2a76`, the same for the same SQL, or '' for statements of others
 */
export function statementName(query: { readonly sql: string }): string {
  return nameOf(query.sql)
}

/**
 * The function that makes a statement says so in a comment: `SELECT /* requeuest:selectTime *\/ …`. It stands behind the first
 * word, which is where both `pg_stat_activity`, that shows 1024 bytes, and `pg_stat_statements`, that drops comments in front
 * of a statement (Postgres 18), keep it.
 */
export function makerOf(sql: string): string | undefined {
  return /^\s*\w+ \/\* requeuest:(\w+) \*\//.exec(sql)?.[1]
}

/** Each schema has statements of its own, and one connection may serve several. */
const nameOf = memoized((sql) => {
  const maker = makerOf(sql)
  if (maker === undefined) return ''
  return `requeuest:${maker}:${createHash('sha256').update(sql).digest('hex').slice(0, 16)}`
})
