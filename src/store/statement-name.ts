import { createHash } from 'node:crypto'
import { remembering } from '../runtime/memoize.ts'

/**
 * Names this library's statements, so that Postgres plans each once per connection instead of every time:
 * `new PrismaPg(config, { statementNameGenerator: statementName })`. All other statements stay without a name.
 *
 * Needs version 7.6 or later of `@prisma/adapter-pg`: before, it has no such option. Not for PgBouncer in transaction
 * mode before its version 1.21, which mixes up named statements.
 *
 * @returns a name that is the same for the same SQL, or '' for statements of others
 */
export function statementName(query: { readonly sql: string }): string {
  return nameOf(query.sql)
}

/** What Prisma writes for its models has the names of tables in quotes, and comes in any number of variants. */
const nameOf = remembering((sql) =>
  /[^"]requeuest_/.test(sql) ? `requeuest_${createHash('sha256').update(sql).digest('hex').slice(0, 16)}` : '',
)
