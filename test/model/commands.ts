import fc from 'fast-check'
import { v7 as uuid } from 'uuid'
import { expect } from 'vitest'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import { decideOutcome } from '../../src/core/outcome.ts'
import type { ClaimedRequest } from '../../src/core/request.ts'
import { claimRequests, releaseClaims, releaseUnknownClaims, toClaimedRequest } from '../../src/store/claims.ts'
import { openLine, passTurns, releaseLine } from '../../src/store/lines.ts'
import { cancelPending } from '../../src/store/requests.ts'
import { failExpiredRequests, rescueExpiredClaims } from '../../src/store/rescues.ts'
import { claimTerms, response, settleAll } from '../support/factory.ts'
import { checkClaim } from './claim-rules.ts'
import { insert, type OpenTransaction, openTransaction, readLines, readRows } from './database.ts'
import { Model, type Spec } from './model.ts'

const LIMIT = 100
const POISONOUS_AFTER = 5
const WORKERS = ['w1', 'w2']

/** The model, the database, and what workers and others have in hand. */
export class World {
  readonly model = new Model()
  readonly prisma: PrismaClient
  /** Tries that workers have begun and not reported, or may report again. */
  hands: { claim: ClaimedRequest; worker: string }[] = []
  /** Open transactions, each with what becomes of the model when it ends. */
  open: { transaction: OpenTransaction; locks: string[]; spawned: Spec[] }[] = []

  constructor(prisma: PrismaClient) {
    this.prisma = prisma
  }

  isLocked(...names: (string | null)[]): boolean {
    return names.some((name) => name !== null && this.model.locked.has(name))
  }

  async compare(): Promise<void> {
    expect(await readRows(this.prisma)).toEqual(this.model.rows)
    expect(await readLines(this.prisma)).toEqual(this.model.held)
  }

  async endTransaction(index: number, commit: boolean): Promise<void> {
    const [ended] = this.open.splice(index, 1)
    await ended!.transaction.end(commit)
    for (const name of ended!.locks) this.model.locked.delete(name)
    if (commit) for (const spec of ended!.spawned) this.model.spawn(spec)
  }
}

type Command = fc.AsyncCommand<World, World>

/** A command that applies to one of `choices`, picked by number, so that it makes sense in any state. */
function command<T>(
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
  const { id, key, claim, number } = choice as { id?: string; key?: string; number?: number; claim?: ClaimedRequest }
  return claim
    ? `${claim.id}:${claim.number}`
    : `${id ?? JSON.stringify(choice)}${number ?? ''}${key ? ` in ${key}` : ''}`
}

/** In `a` there are lines, in `b` there are none. */
const spec: fc.Arbitrary<Omit<Spec, 'id'>> = fc
  .record({
    channel: fc.constantFrom('a', 'a', 'b'),
    priority: fc.constantFrom(5, 5, 1),
    key: fc.constantFrom(null, 'x', 'x', 'y'),
    hold: fc.boolean(),
    maxAttempts: fc.constantFrom(1, 2, 100),
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

const claim = fc
  .record({
    worker: fc.constantFrom(...WORKERS),
    channels: fc.subarray(['a', 'b'], { minLength: 1 }),
    limit: fc.integer({ min: 1, max: 4 }),
    isAnswered: fc.constantFrom(true, true, true, false),
  })
  .map(
    (how): Command => ({
      check: () => true,
      async run(world) {
        const claimable = world.model.claimable()
        const order = await readOrder(world.prisma)
        const rows = await claimRequests(
          world.prisma,
          claimTerms({ channels: how.channels, limit: how.limit, workerId: how.worker }),
        )
        const claims = rows.map(toClaimedRequest)
        checkClaim(
          claims.map((one) => one.id),
          claimable,
          order,
          how.channels,
          how.limit,
        )
        for (const one of claims) {
          world.model.claim(one.id, how.worker)
          if (how.isAnswered) world.hands.push({ claim: one, worker: how.worker })
        }
        await world.compare()
      },
      toString: () => `claim ${JSON.stringify(how)}`,
    }),
  )

/** The ids in the order in which they are due. */
async function readOrder(prisma: PrismaClient): Promise<string[]> {
  const rows = await prisma.$queryRaw<{ id: string }[]>`SELECT id::text FROM requeuest_request ORDER BY run_at, id`
  return rows.map((row) => row.id)
}

const settle = (status: number, isForgotten: boolean) =>
  command(
    `settle ${status}${isForgotten ? '' : ' (and perhaps again)'}`,
    (world) => world.hands,
    async (world, hand) => {
      const { claim: held, worker } = hand
      const delivery = response(status)
      const decision = decideOutcome(held, delivery, held.claimedAtMs, () => 0)
      const [row] = await settleAll(world.prisma, [{ claim: held, delivery, decision, workerId: worker }])
      expect(row!.verdict).toBe(world.model.settle(held.id, held.number, worker, decision))
      if (isForgotten && row!.verdict !== 'busy') world.hands = world.hands.filter((one) => one !== hand)
    },
  )

const release = command(
  'release',
  (world) => world.hands.filter(({ claim: { id, number } }) => !world.isLocked(id) && isUnsent(world, id, number)),
  async (world, hand) => {
    const { id, number } = hand.claim
    await releaseClaims(world.prisma, [hand.claim])
    const request = world.model.requests.get(id)
    if (request?.state === 'claimed' && request.attempts === number) world.model.release(request)
    world.hands = world.hands.filter((one) => one !== hand)
  },
)

/** A worker that reported a try does not give it back. */
function isUnsent(world: World, id: string, number: number): boolean {
  return !world.model.requests.get(id)?.history.has(number)
}

const releaseUnknown = command(
  'release what is unknown to',
  (world) => WORKERS.filter((worker) => unknown(world, worker).every(({ id }) => !world.isLocked(id))),
  async (world, worker) => {
    const lost = unknown(world, worker)
    const held = world.hands.filter((hand) => hand.worker === worker).map((hand) => hand.claim.id)
    expect(await releaseUnknownClaims(world.prisma, worker, held)).toBe(lost.length)
    for (const request of lost) world.model.release(request)
  },
)

function unknown({ model, hands }: World, worker: string) {
  const held = new Set(hands.filter((hand) => hand.worker === worker).map((hand) => hand.claim.id))
  return [...model.requests.values()].filter(
    ({ id, state, claimedBy }) => state === 'claimed' && claimedBy === worker && !held.has(id),
  )
}

const crash = command(
  'crash',
  () => WORKERS,
  async (world, worker) => {
    world.hands = world.hands.filter((hand) => hand.worker !== worker)
  },
)

const unlockedRequests = (world: World) => [...world.model.requests.values()].filter(({ id }) => !world.isLocked(id))

const endLease = command(
  'end the lease of',
  (world) => unlockedRequests(world).filter(({ lease }) => lease === 'running'),
  async ({ prisma }, request) => {
    await prisma.$executeRaw`UPDATE requeuest_request SET lease_until = now() - interval '1 s' WHERE id = ${request.id}::uuid`
    request.lease = 'over'
  },
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

const rescue = command('rescue', always, async ({ prisma, model }) => {
  await rescueExpiredClaims(prisma, LIMIT, POISONOUS_AFTER)
  model.rescue()
})

const failExpired = command('fail what has expired', always, async ({ prisma, model }) => {
  await failExpiredRequests(prisma, LIMIT)
  model.failExpired()
})

const turns = command('pass turns', always, async ({ prisma, model }) => {
  await passTurns(prisma, LIMIT)
  model.passTurns()
})

const cancel = command(
  'cancel',
  () => [['a'], ['b']],
  async ({ prisma, model }, channels) => {
    await cancelPending(prisma, channels, LIMIT)
    model.cancelPending(channels)
  },
)

/** Whether somebody holds the line or a request of it. */
function isLineLocked(world: World, key: string | null): boolean {
  const members = [...world.model.requests.values()].filter((request) => key !== null && request.key === key)
  return world.isLocked(key, ...members.map(({ id }) => id))
}

const letGo = command(
  'release the line',
  (world) => ['x', 'y'].filter((key) => !isLineLocked(world, key)),
  async ({ prisma, model }, key) => {
    const [rows] = await prisma.$transaction([releaseLine(prisma, 'a', key), openLine(prisma, 'a', key)] as never)
    expect((rows as unknown[]).length > 0).toBe(model.releaseLine(key))
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

export const commands: fc.Arbitrary<Command>[] = [
  spawn,
  spawn,
  openSpawn,
  claim,
  claim,
  claim,
  settle(200, true),
  settle(200, false),
  settle(500, true),
  settle(500, true),
  release,
  releaseUnknown,
  crash,
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
  prune,
  lockRequest,
  lockLine,
  end(true),
  end(false),
]
