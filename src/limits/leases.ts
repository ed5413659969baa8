import type { ScopeKind } from '../policy/scope.ts'
import { monotonicMs } from '../runtime/clock.ts'
import { inTransaction, isLocked, type PrismaClientLike, withDatabaseErrors } from '../store/db.ts'
import { listDueChannels, takePermits } from '../store/permits.ts'
import { lockSemaphores, returnSemaphoreLeases, takeSemaphoreLeases } from '../store/semaphore-leases.ts'
import { type Scope, SHARE_LEASE_MS } from './scope.ts'
import type { Scopes } from './scopes.ts'

/** A worker that got no semaphore lease asks again after this. */
const NO_SHARE_MS = 200
/** What somebody has locked is asked for again after this. */
const LOCKED_MS = 1000
/** Permits are asked for again this long before the first one that is free, so that there is no gap. */
const BEFORE_MS = 125
const LEAST_WAIT_MS = 10

/** What a worker leases of limits that all share: semaphore leases of a concurrency, and permits to start under a rate. */
export class Leases {
  readonly #db: PrismaClientLike
  readonly #workerId: string
  readonly #scopes: Scopes
  readonly #most: number
  readonly #onRoom: () => void
  #timer: NodeJS.Timeout | undefined
  #timerAtMs = 0

  /** @param most - how many requests the worker has under way at most */
  constructor(db: PrismaClientLike, workerId: string, scopes: Scopes, most: number, onRoom: () => void) {
    this.#db = db
    this.#workerId = workerId
    this.#scopes = scopes
    this.#most = most
    this.#onRoom = onRoom
  }

  /** Leases what these scopes lack, each of which has something due. Calls `onRoom` when it is worth asking again. */
  async ask(kind: ScopeKind, scopes: readonly Scope[], limit: number): Promise<void> {
    const nowMs = monotonicMs()
    const lackShares = scopes.filter((scope) => scope.lacksShare(nowMs))
    await this.#each(lackShares, (some) => this.#takeSemaphoreLeases(kind, some, 1))
    const lackPermits = scopes.filter((scope) => scope.lacksPermits(nowMs))
    await this.#each(lackPermits, (some) => this.#takePermits(kind, some, limit))
  }

  /** Leases what these channels lack, if something is due in them. */
  async askForDue(channels: readonly Scope[], limit: number): Promise<void> {
    const names = channels.map(({ name }) => name)
    const rows = await withDatabaseErrors(() => listDueChannels(this.#db, names))
    const due = new Set(rows.map(({ name }) => name))
    await this.ask(
      'channel',
      channels.filter(({ name }) => due.has(name)),
      limit,
    )
  }

  /** Renews the semaphore leases that are used, and gives back the others. */
  async renew(): Promise<void> {
    for (const kind of ['channel', 'origin'] as const) {
      const held = [...this.#scopes.all(kind)].filter((scope) => scope.holdsShare || scope.limitsConcurrency)
      const isUsed = (scope: Scope) => scope.limitsConcurrency && scope.wanted(this.#most) > 0
      await this.#each(held.filter(isUsed), (some) => this.#takeSemaphoreLeases(kind, some, 0))
      await this.#drop(
        kind,
        held.filter((scope) => scope.holdsShare && !isUsed(scope)),
      )
    }
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    for (const kind of ['channel', 'origin'] as const)
      await this.#drop(
        kind,
        [...this.#scopes.all(kind)].filter((scope) => scope.holdsShare),
      )
  }

  /** Asks for all at once, or one by one where somebody has one of them locked. */
  async #each(scopes: readonly Scope[], ask: (some: readonly Scope[]) => Promise<void>): Promise<void> {
    if (scopes.length === 0) return
    try {
      await ask(scopes)
    } catch (error) {
      if (!isLocked((error as Error).cause)) throw error
      const [only] = scopes
      if (only && scopes.length === 1) this.#askAgain(only, LOCKED_MS)
      else for (const scope of scopes) await this.#each([scope], ask)
    }
  }

  async #takeSemaphoreLeases(kind: ScopeKind, scopes: readonly Scope[], atLeast: number): Promise<void> {
    const needs = scopes.map((scope) => ({
      name: scope.name,
      inUse: scope.inUse,
      wanted: scope.wanted(this.#most, atLeast),
    }))
    const nowMs = monotonicMs()
    const [, shares] = await inTransaction<[unknown[], { name: string; allowed: number }[]]>(this.#db, [
      lockSemaphores(this.#db, kind, needs),
      takeSemaphoreLeases(this.#db, kind, needs, this.#workerId, SHARE_LEASE_MS),
    ])
    for (const { name, allowed } of shares) {
      const scope = this.#scopes.get(kind, name)
      scope?.shared(allowed, nowMs + SHARE_LEASE_MS)
      if (scope?.lacksShare(nowMs)) this.#askAgain(scope, NO_SHARE_MS)
    }
  }

  async #takePermits(kind: ScopeKind, scopes: readonly Scope[], limit: number): Promise<void> {
    const nowMs = monotonicMs()
    const wanted = new Map(scopes.map((scope) => [scope.name, scope.batch(nowMs, limit)]))
    const leases = await withDatabaseErrors(() => takePermits(this.#db, kind, wanted))
    const takenAtMs = monotonicMs()
    for (const lease of leases) {
      const scope = this.#scopes.get(kind, lease.name)
      scope?.leased(lease, takenAtMs)
      const nextMs = lease.fromMs + lease.count * lease.spacingMs
      if (scope) this.#askAgain(scope, Math.max(LEAST_WAIT_MS, nextMs - BEFORE_MS))
    }
  }

  async #drop(kind: ScopeKind, scopes: readonly Scope[]): Promise<void> {
    if (scopes.length === 0) return
    const names = scopes.map(({ name }) => name)
    await withDatabaseErrors(() => returnSemaphoreLeases(this.#db, kind, names, this.#workerId))
    for (const scope of scopes) scope.dropShare()
  }

  #askAgain(scope: Scope, inMs: number): void {
    const atMs = monotonicMs() + inMs
    scope.askAgain(atMs)
    if (this.#timer !== undefined && this.#timerAtMs <= atMs) return
    clearTimeout(this.#timer)
    this.#timerAtMs = atMs
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#onRoom()
    }, inMs)
  }
}
