import { migrationFailed } from './errors.mjs'

const LINES_BEFORE = 5

/** How the engine introduces an error of the database that came through a driver adapter. */
export const ADAPTER_PREFIX = /external connector error\n(Error querying the database: )?/

/** What the native engine answers when a migration fails, from the engine's own message and the failure. */
export function migrationError(engineMessage, { script, error }) {
  const name = /with migration_name="([^"]*)"/.exec(engineMessage)?.[1] ?? ''
  return migrationFailed(name, error.code, describe(error) + excerpt(script, error.position))
}

/** What the native engine keeps in `_prisma_migrations`: the same, followed by its trace. */
export function migrationLogs(engineMessage, failure) {
  const trace = engineMessage.indexOf('\n   0: ')
  return migrationError(engineMessage, failure).message + (trace < 0 ? '' : engineMessage.slice(trace))
}

function describe({ severity, message, detail, hint, where }) {
  const more = Object.entries({ DETAIL: detail, HINT: hint, CONTEXT: where }).filter(([, text]) => text)
  return [`${severity}: ${message}`, ...more.map(([label, text]) => `${label}: ${text}`)].join('\n')
}

function excerpt(script, position) {
  if (!position) return ''
  // PostgreSQL counts characters, not UTF-16 units.
  const before = [...script].slice(0, Number(position) - 1).join('')
  const line = before.split('\n').length
  const lines = script.split('\n').slice(Math.max(0, line - 1 - LINES_BEFORE), line)
  const numbered = lines.map((text, index) => `${String(line - lines.length + 1 + index).padStart(3)} ${text}`)
  return `\n\nPosition:\n${numbered.join('\n')}`
}
