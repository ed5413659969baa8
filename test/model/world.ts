import { expect } from 'vitest'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import type { ClaimedRequest } from '../../src/policy/request.ts'
import { toClaimedRequest } from '../../src/store/claimed-row.ts'
import { claimRequests } from '../../src/store/claims.ts'
import { claimTerms, rescue } from '../support/factory.ts'
import { checkClaim } from './claim-rules.ts'
import { type OpenTransaction, readLines, readOrder, readRows } from './database.ts'
import { Model, type Spec } from './model.ts'

const LIMIT = 100
const POISONOUS_AFTER = 5

/** The model, the database, and what workers and others have in hand. */
export class World {
  readonly model = new Model()
  readonly prisma: PrismaClient
  /** Attempts that workers have begun and not reported, or may report again. */
  hands: { claim: ClaimedRequest; worker: string }[] = []
  /** Open transactions, each with what becomes of the model when it ends. */
  open: { transaction: OpenTransaction; locks: string[]; spawned: Spec[] }[] = []

  /** What has been seen to happen, here and in other histories. */
  readonly seen: Set<string>

  constructor(prisma: PrismaClient, seen: Set<string>) {
    this.prisma = prisma
    this.seen = seen
  }

  isLocked(...names: (string | null)[]): boolean {
    return names.some((name) => name !== null && this.model.locked.has(name))
  }

  async compare(): Promise<void> {
    expect(await readRows(this.prisma)).toEqual(this.model.rows)
    expect(await readLines(this.prisma)).toEqual(this.model.held)
  }

  async claim(worker: string, channels: string[] = ['a', 'b'], limit = LIMIT, isAnswered = true): Promise<void> {
    const claimable = this.model.claimable()
    const order = await readOrder(this.prisma)
    const rows = await claimRequests(this.prisma, claimTerms({ channels, limit, workerId: worker }))
    const ids = rows.map((row) => row.id)
    checkClaim(ids, claimable, order, channels, limit)
    for (const id of ids) this.model.claim(id, worker)
    if (isAnswered) this.hands.push(...rows.map((row) => ({ claim: toClaimedRequest(row), worker })))
  }

  async endLease(id: string): Promise<void> {
    await this.prisma.$executeRaw`
      UPDATE requeuest_request SET lease_until = now() - interval '1 s' WHERE id = ${id}::uuid`
    this.model.requests.get(id)!.lease = 'over'
  }

  async rescue(): Promise<void> {
    const rescued = await rescue(this.prisma, LIMIT, POISONOUS_AFTER)
    for (const { failureCode } of rescued) this.seen.add(`rescued: ${failureCode ?? 'due again'}`)
    this.model.rescue()
  }

  async endTransaction(index: number, commit: boolean): Promise<void> {
    const [ended] = this.open.splice(index, 1)
    await ended!.transaction.end(commit)
    for (const name of ended!.locks) this.model.locked.delete(name)
    if (commit) for (const spec of ended!.spawned) this.model.spawn(spec)
  }
}

export function unlockedRequests(world: World) {
  return [...world.model.requests.values()].filter(({ id }) => !world.isLocked(id))
}

/** Whether somebody holds the line or a request of it. */
export function isLineLocked(world: World, key: string | null): boolean {
  const members = [...world.model.requests.values()].filter((request) => key !== null && request.key === key)
  return world.isLocked(key, ...members.map(({ id }) => id))
}
