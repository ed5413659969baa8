import type { Change } from './change.ts'
import type { NamedTest } from './vitest.ts'

/** A fault that this library could have, and the test that would tell. */
export interface Mutant {
  /** What is broken. */
  name: string
  changes: Change[]
  caughtBy: NamedTest
}

/** `within` names a function, method, class or constant of src, or what a migration creates: {@link Change}. */
export function mutant(name: string, within: string, [find, replace]: [string, string], caughtBy: NamedTest): Mutant {
  return { name, changes: [{ within, find, replace }], caughtBy }
}

/** As {@link mutant}, of what is guarded in several places: each of them alone is enough. */
export function unguarded(
  name: string,
  places: readonly [within: string, find: string, replace: string][],
  caughtBy: NamedTest,
): Mutant {
  return { name, changes: places.map(([within, find, replace]) => ({ within, find, replace })), caughtBy }
}
