import { setTimeout as sleep } from 'node:timers/promises'
import { clamp } from '../core/clamp.ts'
import { reduced } from '../core/reduced.ts'
import { attemptRow, type Vault } from '../encryption/vault.ts'
import type { RequeuestError } from '../errors.ts'
import { monotonicMs } from '../runtime/clock.ts'
import { Loop } from '../runtime/loop.ts'
import { isForGood, type PrismaClientLike, withDatabaseErrors } from '../store/db.ts'
import {
  BODIES_KEPT,
  emptyOldAttempts,
  type Settlement,
  type StoredSettlement,
  type Verdict,
} from '../store/settlements.ts'
import { settleGroup } from './settle-group.ts'

const GROUP_SIZE = 1000
/** Bytes of bodies after which a group is full: on its way into the database each is copied several times. */
const GROUP_BYTES = 1_048_576
/** A group waits this long for others to join it, and again while so many do, up to a limit. */
const FLUSH_MS = 5
const JOINING = 4
const GATHER_MS = { least: 40, most: 100 }
/** A row that somebody else has locked is tried again after this. */
const BUSY_MS = 100
const IDLE_MS = 60_000

/** Writes finished tries in groups, one transaction a group, and keeps them until they are written. */
export class Settler {
  readonly #db: PrismaClientLike
  readonly #vault: Vault
  readonly #onSettled: (settlement: Settlement, verdict: Verdict) => void
  readonly #onError: (error: unknown, failures: number) => number
  readonly #loop: Loop
  #waiting: Settlement[] = []
  readonly #busy = new Set<Settlement>()
  #abandoned = false
  #written: (() => void)[] = []
  #writeMs = 0
  #waitingBytes = 0

  constructor(
    db: PrismaClientLike,
    vault: Vault,
    onSettled: (settlement: Settlement, verdict: Verdict) => void,
    onError: (error: unknown, failures: number) => number,
  ) {
    this.#db = db
    this.#vault = vault
    this.#onSettled = onSettled
    this.#onError = onError
    this.#loop = new Loop(() => this.#flush(), onError)
  }

  /** How many finished tries are not written yet. */
  get backlog(): number {
    return this.#waiting.length + this.#busy.size
  }

  /** Bytes of their bodies, but for those that somebody else has locked: they are few. */
  get backlogBytes(): number {
    return this.#waitingBytes
  }

  /** The requests whose tries are not written yet. */
  get requestIds(): string[] {
    return [...this.#waiting, ...this.#busy].map((settlement) => settlement.claim.id)
  }

  add(settlement: Settlement): void {
    this.#waiting.push(settlement)
    this.#waitingBytes += bytesOf(settlement)
    this.#loop.wake()
  }

  /** Resolves when everything that was added so far is written. */
  async drained(): Promise<void> {
    while (this.backlog > 0 && !this.#abandoned) await new Promise<void>((resolve) => this.#written.push(resolve))
  }

  /** Gives up on what is not written. Returns how much that is. */
  abandon(): number {
    this.#abandoned = true
    for (const resolve of this.#written.splice(0)) resolve()
    return this.backlog
  }

  async stop(): Promise<void> {
    await this.#loop.stop()
  }

  async #flush(): Promise<number> {
    if (this.#waiting.length === 0) return IDLE_MS
    await this.#gathered()
    const startedAtMs = monotonicMs()
    const group = takeGroup(this.#waiting)
    const verdicts = await this.#write(group)
    this.#writeMs = monotonicMs() - startedAtMs
    this.#waiting = this.#waiting.filter((settlement) => !verdicts.has(settlement))
    for (const [settlement, verdict] of verdicts) {
      this.#waitingBytes -= bytesOf(settlement)
      if (verdict === 'busy') this.#addAgainLater(settlement)
      else this.#onSettled(settlement, verdict)
    }
    for (const resolve of this.#written.splice(0)) resolve()
    return 0
  }

  /**
   * Few large groups take the database less time than many small ones, so a group waits while others join it quickly. Behind
   * one that stands in a line, others wait.
   */
  async #gathered(): Promise<void> {
    const untilMs = monotonicMs() + clamp(this.#writeMs, GATHER_MS.least, GATHER_MS.most)
    let before: number
    do {
      before = this.#waiting.length
      if (before >= GROUP_SIZE || this.#waitingBytes >= GROUP_BYTES) return
      await sleep(FLUSH_MS)
      if (this.#waiting.length < before + JOINING || this.#waiting.some(({ claim }) => claim.ordered)) return
    } while (monotonicMs() < untilMs)
  }

  #addAgainLater(settlement: Settlement): void {
    this.#busy.add(settlement)
    setTimeout(() => {
      this.#busy.delete(settlement)
      this.add(settlement)
    }, BUSY_MS)
  }

  async #write(group: Settlement[]): Promise<Map<Settlement, Verdict>> {
    try {
      const byId = await withDatabaseErrors(() => settleGroup(this.#db, group.map(this.#toStored)))
      await this.#emptyOld(group)
      const verdicts = new Map<Settlement, Verdict>()
      for (const settlement of group) verdicts.set(settlement, byId.get(settlement.claim.id) ?? 'settled')
      return verdicts
    } catch (error) {
      if (!isForGood((error as RequeuestError).cause)) throw error
      return this.#writeApart(group, error)
    }
  }

  /** What a receiver says to the hundredth try is of little use, and there may be a hundred thousand. */
  async #emptyOld(group: readonly Settlement[]): Promise<void> {
    const old = group.map(({ claim }) => claim).filter(({ number }) => number > BODIES_KEPT)
    if (old.length === 0) return
    await withDatabaseErrors(() => emptyOldAttempts(this.#db, old)).catch((error) => this.#onError(error, 1))
  }

  readonly #toStored = (settlement: Settlement): StoredSettlement => {
    const { claim, delivery, decision, workerId } = settlement
    const content = this.#vault.seal(attemptRow(claim.id, claim.number), delivery)
    return { claim, delivery, decision, workerId, content }
  }

  /** One try that Postgres refuses must neither block the others nor lose its own outcome. */
  async #writeApart(group: Settlement[], error: unknown): Promise<Map<Settlement, Verdict>> {
    const [only] = group
    if (only !== undefined && group.length === 1) return new Map([[only, await this.#writeReduced(only, error)]])
    const half = group.length / 2
    const verdicts = await Promise.all([this.#write(group.slice(0, half)), this.#write(group.slice(half))])
    return new Map(verdicts.flatMap((verdict) => [...verdict]))
  }

  /** What is refused whatever is left out of it, such as by a trigger of the user's, is tried again later. */
  async #writeReduced(settlement: Settlement, error: unknown): Promise<Verdict> {
    const delivery = reduced(settlement.delivery)
    if (delivery === null) {
      this.#onError(error, 1)
      return 'busy'
    }
    const less = { ...settlement, delivery }
    return (await this.#write([less])).get(less) as Verdict
  }
}

/** The oldest settlements, but no request twice: one statement can change a row only once. */
function takeGroup(waiting: readonly Settlement[]): Settlement[] {
  const group = new Map<string, Settlement>()
  let bytes = 0
  for (const settlement of waiting) {
    if (group.size === GROUP_SIZE || bytes >= GROUP_BYTES) break
    if (group.has(settlement.claim.id)) continue
    group.set(settlement.claim.id, settlement)
    bytes += bytesOf(settlement)
  }
  return [...group.values()]
}

function bytesOf({ delivery }: Settlement): number {
  return delivery.body?.byteLength ?? 0
}
