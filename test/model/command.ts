import fc from 'fast-check'
import type { ClaimedRequest } from '../../src/policy/request.ts'
import type { World } from './world.ts'

export type Command = fc.AsyncCommand<World, World>

/** A command that applies to one of `choices`, picked by number, so that it makes sense in any state. */
export function command<T>(
  label: string,
  choices: (world: World) => readonly T[],
  run: (world: World, choice: T) => Promise<void>,
) {
  return fc.nat(1000).map((number): Command => {
    let shown = label
    return {
      check: (world) => choices(world).length > 0,
      async run(world) {
        const options = choices(world)
        const choice = options[number % options.length] as T
        shown = `${label} ${describe(choice)}`
        await run(world, choice)
        await world.compare()
      },
      toString: () => shown,
    }
  })
}

function describe(choice: unknown): string {
  const { id, key, claim, number, edit } = choice as {
    id?: string
    key?: string
    number?: number
    claim?: ClaimedRequest
    edit?: string
  }
  return claim
    ? `${claim.id}:${claim.number}`
    : `${id ?? JSON.stringify(choice)}${number ?? ''}${key ? ` in ${key}` : ''}${edit ? ` ${edit}` : ''}`
}
