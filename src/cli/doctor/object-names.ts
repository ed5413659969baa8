import type { ObjectNames } from '../../store/diagnosis.ts'

/** A line such as `COMMENT ON TRIGGER "a" ON "b" IS …`. Indented ones belong to some versions of Postgres only. */
const COMMENT = /^COMMENT ON (COLUMN|INDEX|FUNCTION|TRIGGER) "(\w+)"(?:(?:\.| ON )"(\w+)")? IS/gm

/** What migrations make, by the comment that each object is given there. */
export function namesIn(migrations: readonly { sql: string }[]): ObjectNames {
  const columns = new Set<string>()
  const indexes = new Set<string>()
  const functions = new Set<string>()
  const triggers = new Set<string>()
  for (const { sql } of migrations) {
    for (const [, kind, first = '', second = ''] of sql.matchAll(COMMENT)) {
      if (kind === 'COLUMN') columns.add(`${first}.${second}`)
      else if (kind === 'INDEX') indexes.add(first)
      else if (kind === 'FUNCTION') functions.add(first)
      else triggers.add(`${second}.${first}`)
    }
  }
  return { columns: [...columns], indexes: [...indexes], functions: [...functions], triggers: [...triggers] }
}
