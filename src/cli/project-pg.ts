import { createRequire } from 'node:module'
import path from 'node:path'
import type { Pg } from '../store/pg-client.ts'
import { CliError } from './failure.ts'

/** The `pg` of the user's project: its own dependency, or that of its adapter. */
export function loadPg(folder: string): Pg {
  const project = createRequire(path.join(folder, 'package.json'))
  for (const place of [() => project, () => createRequire(project.resolve('@prisma/adapter-pg'))]) {
    try {
      return place()('pg') as Pg
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error
    }
  }
  throw new CliError(`The package \`pg\` is not installed in ${folder}: run \`npm install pg\` first.`)
}
