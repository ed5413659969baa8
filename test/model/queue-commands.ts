import fc from 'fast-check'
import { v7 as uuid } from 'uuid'
import { expect } from 'vitest'
import { releaseLine, unblockLine } from '../../src/store/lines.ts'
import { cancelPending } from '../../src/store/requests.ts'
import { failExpired as failExpiredRequests, unblockAllLines } from '../support/factory.ts'
import { type Command, command } from './command.ts'
import { insert, openTransaction } from './database.ts'
import { edits } from './edits.ts'
import type { Spec } from './model.ts'
import { isLineLocked, unlockedRequests } from './world.ts'

const LIMIT = 100

/** In `a` there are lines, in `b` there are none. */
const spec: fc.Arbitrary<Omit<Spec, 'id'>> = fc
  .record({
    channel: fc.constantFrom('a', 'a', 'b'),
    priority: fc.constantFrom(5, 5, 1),
    key: fc.constantFrom(null, 'x', 'x', 'y'),
    hold: fc.boolean(),
    maxAttempts: fc.constantFrom(1, 2, 2_147_483_647),
    due: fc.constantFrom(true, true, true, false),
  })
  .map((one) => (one.channel === 'b' ? { ...one, key: null } : one))

const spawn = fc.array(spec, { minLength: 1, maxLength: 3 }).map(
  (specs): Command => ({
    check: (world) => specs.every(({ key }) => !world.isLocked(key)),
    async run(world) {
      const named = specs.map((one) => ({ id: uuid(), ...one }))
      await insert(world.prisma, named)
      for (const one of named) world.model.spawn(one)
      await world.compare()
    },
    toString: () => `spawn ${JSON.stringify(specs)}`,
  }),
)

const openSpawn = spec.map(
  (one): Command => ({
    check: (world) => world.open.length < 2 && !world.isLocked(one.key),
    async run(world) {
      const named = { id: uuid(), ...one }
      const transaction = await openTransaction(world.prisma, (tx) => insert(tx, [named]))
      const locks = one.key === null ? [] : [one.key]
      for (const lock of locks) world.model.locked.add(lock)
      world.open.push({ transaction, locks, spawned: [named] })
      await world.compare()
    },
    toString: () => `begin and spawn ${JSON.stringify(one)}`,
  }),
)

const endLease = command(
  'end the lease of',
  (world) => unlockedRequests(world).filter(({ lease }) => lease === 'running'),
  (world, { id }) => world.endLease(id),
)

const makeDue = command(
  'make due',
  (world) => unlockedRequests(world).filter(({ state, due }) => state === 'pending' && !due),
  async ({ prisma }, request) => {
    await prisma.$executeRaw`UPDATE requeuest_request SET run_at = now() - interval '1 s' WHERE id = ${request.id}::uuid`
    request.due = true
  },
)

const makeExpired = command(
  'let expire',
  (world) => unlockedRequests(world).filter(({ expired, state }) => !expired && state === 'pending'),
  async ({ prisma }, request) => {
    await prisma.$executeRaw`UPDATE requeuest_request SET expires_at = now() - interval '1 s' WHERE id = ${request.id}::uuid`
    request.expired = true
  },
)

const rescue = command('rescue', always, (world) => world.rescue())

const failExpired = command('fail what has expired', always, async ({ prisma, model, seen }) => {
  const rows = await failExpiredRequests(prisma, LIMIT)
  if (rows.length > 0) seen.add('expired')
  model.failExpired()
})

const turns = command('unblock lines', always, async ({ prisma, model, seen }) => {
  if ((await unblockAllLines(prisma, LIMIT)) > 0) seen.add('unblocked a line later')
  model.unblockLines()
})

const cancel = command(
  'cancel',
  // It waits for those that somebody has locked, and cancels them as well.
  (world) =>
    [['a'], ['b']].filter((channels) => world.model.pendingOf(channels).every(({ id }) => !world.isLocked(id))),
  async ({ prisma, model }, channels) => {
    await cancelPending(prisma, channels, LIMIT)
    model.cancelPending(channels)
  },
)

const letGo = command(
  'release the line',
  (world) => {
    const unlocked = ['x', 'y'].filter((key) => !isLineLocked(world, key))
    const held = unlocked.filter((key) => typeof world.model.lines.get(key)?.heldBy === 'string')
    return held.length > 0 ? held : unlocked
  },
  async ({ prisma, model, seen }, key) => {
    const [rows] = await prisma.$transaction([releaseLine(prisma, 'a', key), unblockLine(prisma, 'a', key)] as never)
    const isReleased = (rows as unknown[]).length > 0
    if (isReleased) seen.add('released a held line')
    expect(isReleased).toBe(model.releaseLine(key))
  },
)

const prune = command(
  'delete',
  (world) => unlockedRequests(world).filter(({ key }) => !isLineLocked(world, key)),
  async ({ prisma, model }, { id }) => {
    await prisma.httpRequest.delete({ where: { id } })
    model.delete(id)
  },
)

const lockRequest = command(
  'lock',
  (world) => (world.open.length < 2 ? unlockedRequests(world) : []),
  async (world, { id }) => {
    const transaction = await openTransaction(
      world.prisma,
      (tx) => tx.$queryRaw`SELECT 1 AS one FROM requeuest_request WHERE id = ${id}::uuid FOR UPDATE`,
    )
    world.model.locked.add(id)
    world.open.push({ transaction, locks: [id], spawned: [] })
  },
)

const lockLine = command(
  'lock the line',
  (world) => (world.open.length < 2 ? [...world.model.lines.keys()].filter((key) => !world.isLocked(key)) : []),
  async (world, key) => {
    const transaction = await openTransaction(
      world.prisma,
      (tx) => tx.$queryRaw`SELECT 1 AS one FROM requeuest_line WHERE order_key = ${key} FOR UPDATE`,
    )
    world.model.locked.add(key)
    world.open.push({ transaction, locks: [key], spawned: [] })
  },
)

const end = (commit: boolean) =>
  command(
    commit ? 'commit' : 'roll back',
    ({ open }) => open.map((_, index) => index),
    (world, index) => world.endTransaction(index, commit),
  )

function always(): readonly string[] {
  return ['']
}

/** What callers, the maintenance, time and other transactions do. */
export const queueCommands: fc.Arbitrary<Command>[] = [
  spawn,
  spawn,
  openSpawn,
  endLease,
  endLease,
  makeDue,
  makeExpired,
  rescue,
  rescue,
  failExpired,
  turns,
  cancel,
  letGo,
  letGo,
  prune,
  ...edits,
  lockRequest,
  lockLine,
  end(true),
  end(false),
]
