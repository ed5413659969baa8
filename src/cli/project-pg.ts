import type { Pg } from '../store/pg-client.ts'
import { loadProjectPg } from '../store/project-pg.ts'
import { CliError } from './failure.ts'

/** The `pg` of the user's project. */
export function loadPg(folder: string): Pg {
  const pg = loadProjectPg<Pg>(folder)
  if (pg) return pg
  throw new CliError(`The package \`pg\` is not installed in ${folder}: run \`npm install pg\` first.`)
}
