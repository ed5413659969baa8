import type { NamedTest } from './vitest.ts'

/** One text of a file, which is there exactly once, and what stands in its place. */
export interface Change {
  file: string
  find: string
  replace: string
}

/** A fault that this library could have, and the test that would tell. */
export interface Mutant {
  /** What is broken. */
  name: string
  changes: Change[]
  caughtBy: NamedTest
}

export const INIT = 'prisma/migrations/20261124000000_requeuest_init/migration.sql'

export function mutant(name: string, file: string, [find, replace]: [string, string], caughtBy: NamedTest): Mutant {
  return { name, changes: [{ file, find, replace }], caughtBy }
}

/** As {@link mutant}, of what is guarded in several places: each of them alone is enough. */
export function unguarded(
  name: string,
  places: readonly [file: string, find: string, replace: string][],
  caughtBy: NamedTest,
): Mutant {
  return { name, changes: places.map(([file, find, replace]) => ({ file, find, replace })), caughtBy }
}
