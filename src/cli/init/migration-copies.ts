import { isCopyOf } from '../../instance/migrate.ts'
import type { Migration } from '../../store/migrations.ts'

export interface MigrationCopies {
  /** The project's folders that hold a migration of the package already. */
  kept: string[]
  /** What is still to be copied, and under which name. */
  missing: { migration: Migration; name: string }[]
}

/**
 * Names the copies so that Prisma applies them in the package's order and after everything that the project has.
 * The packaged time stamp is kept where that allows it: then `requeuest.migrate()` and Prisma use one name.
 */
export function planCopies(packaged: Migration[], project: Migration[]): MigrationCopies {
  const copies: MigrationCopies = { kept: [], missing: [] }
  let newest = project.reduce((last, { name }) => Math.max(last, stampOf(name)), 0)
  for (const migration of packaged) {
    const copy = project.find((other) => isCopyOf(migration, other))
    if (copy) {
      copies.kept.push(copy.name)
      continue
    }
    // Prisma sorts the names; a stamp need not be a time that exists.
    newest = Math.max(stampOf(migration.name), newest + 1)
    copies.missing.push({ migration, name: `${newest}_${migration.suffix}` })
  }
  return copies
}

function stampOf(name: string): number {
  return Number(/^\d{14}(?=_)/.exec(name)?.[0] ?? 0)
}
