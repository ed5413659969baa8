import type { Entrant } from '../harness/contest.ts'
import type { Options } from '../harness/options.ts'
import { factsOf, type SystemName } from '../systems/catalogue.ts'

/** The systems of a contest, or those of them that were asked for, Requeuest first unless it was left out. */
export function chosenSystems(usual: readonly SystemName[], { systems }: Options): SystemName[] {
  if (!systems) return [...usual]
  return systems.includes('requeuest') ? ['requeuest', ...systems.filter((system) => system !== 'requeuest')] : systems
}

/** A base and variants that do the same work. */
export function entrantsOf(systems: readonly SystemName[], run: (system: SystemName) => Entrant['run']) {
  const [base, ...variants] = systems.map((system) => ({ label: factsOf(system).title, system, run: run(system) }))
  if (!base) throw new Error('There is no system to run.')
  return { base, variants }
}
