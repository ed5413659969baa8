import type fc from 'fast-check'
import { expect } from 'vitest'
import { type Command, command } from './command.ts'
import { isLineLocked, unlockedRequests, type World } from './world.ts'

/** In `a` alone there are lines. */
function moves(world: World, isClaimed: boolean): { id: string; key: string | null }[] {
  const keys = [null, 'x', 'y'].filter((key) => !isLineLocked(world, key))
  return unlockedRequests(world)
    .filter(({ channel, key, state }) => channel === 'a' && keys.includes(key) && (state === 'claimed') === isClaimed)
    .flatMap(({ id, key: before }) => keys.filter((key) => key !== before).map((key) => ({ id, key })))
}

const holds = ({ model }: World, id: string) => [...model.lines.values()].some(({ heldBy }) => heldBy === id)

const move = (label: string, choices: (world: World) => { id: string; key: string | null }[]) =>
  command(label, choices, async (world, { id, key }) => {
    const { prisma, model, seen } = world
    await prisma.httpRequest.update({ where: { id }, data: { orderKey: key } })
    const { state, key: before } = model.requests.get(id)!
    seen.add(`moved: ${state}${holds(world, id) ? ', holds a line' : ''}`)
    if (before !== null && key === null) seen.add('moved: out of all lines')
    model.move(id, key)
  })

const moveAny = move('move by hand', (world) => moves(world, false))

const moveHolder = move('move by hand who holds a line', (world) =>
  moves(world, false).filter(({ id }) => holds(world, id)),
)

const refusedMove = command(
  'move by hand what is being sent',
  (world) => moves(world, true),
  async ({ prisma }, { id, key }) => {
    const moving = prisma.httpRequest.update({ where: { id }, data: { orderKey: key } })
    await expect(moving).rejects.toThrow('keeps its channel and order_key')
  },
)

/** Of no consequence for where a request stands. */
const ODD_VALUES = [
  "claimed_at = CASE WHEN state = 'claimed' THEN '-infinity'::timestamptz END",
  "claimed_at = CASE WHEN state = 'claimed' THEN 'infinity'::timestamptz END",
  "claimed_at = CASE WHEN state = 'claimed' THEN now() - interval '1000 years' END",
  "run_at = CASE WHEN run_at < now() THEN '-infinity' ELSE run_at END",
  "created_at = '-infinity'",
  "url = 'HTTP://127.1:80/'",
  "url = 'http://b.test/'",
]

const oddValue = command(
  'write by hand',
  (world) => unlockedRequests(world).flatMap(({ id }) => ODD_VALUES.map((edit) => ({ id, edit }))),
  async ({ prisma }, { id, edit }) => {
    await prisma.$executeRawUnsafe(`UPDATE requeuest_request SET ${edit} WHERE id = $1::uuid`, id)
  },
)

/** What people do to rows. */
export const edits: fc.Arbitrary<Command>[] = [moveAny, moveHolder, refusedMove, oddValue]
