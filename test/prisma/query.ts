import pg from 'pg'
import { inject } from 'vitest'
import { databaseUrl } from '../support/databases.ts'

/** Where a database of this name is or would be. */
export function urlOf(name: string): string {
  return databaseUrl(inject('serverUrl'), name)
}

export async function query<T extends pg.QueryResultRow>(url: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<T>(sql)).rows
  } finally {
    await client.end()
  }
}

/** The shadow databases that a role has made and not dropped. */
export async function shadowDatabases(role: string): Promise<string[]> {
  const rows = await query<{ datname: string }>(
    inject('serverUrl'),
    `SELECT datname FROM pg_database
     WHERE datname LIKE 'prisma_migrate_shadow_db_%' AND pg_get_userbyid(datdba) = '${role}'`,
  )
  return rows.map(({ datname }) => datname)
}
