import { setTimeout as sleep } from 'node:timers/promises'
import { attemptRow, type Vault } from '../encryption/vault.ts'
import type { RequeuestError } from '../errors.ts'
import type { Instruments } from '../events/instruments.ts'
import { reduced } from '../policy/reduced.ts'
import { clamp } from '../runtime/clamp.ts'
import { monotonicMs } from '../runtime/clock.ts'
import { Loop } from '../runtime/loop.ts'
import type { Turns } from '../runtime/turns.ts'
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
/** Groups that are written at once, where their bodies fill them. */
const WRITES = 2
/** A group waits this long for others to join it, and again while so many do, up to a limit. */
const FLUSH_MS = 5
const JOINING = 4
const GATHER_MS = { least: 40, most: 100 }
/** A row that somebody else has locked is retried after this. */
const BUSY_MS = 100
const IDLE_MS = 60_000

/**
 * Writes finished attempts in groups and keeps them until they are written.
 *
 * - Gathering: a group waits 5 ms for others, and again while the worker is draining or at least 4 joined in that time, for as
 *   long as the last write took (40 to 100 ms). It goes at once when it is full (1000 attempts, 1 MiB of bodies), and after
 *   the first 5 ms when it has a request of a line. Two full groups are written at a time, no request twice.
 * - Verdicts, one for each attempt: `settled` and `lost` (the claim was no longer held) are written; `gone` means that the
 *   request was deleted; `busy` that its row is locked, so it joins a group again after 100 ms.
 * - Errors: what may pass (connection, conflict, read-only server) fails the whole group, which the loop retries after a
 *   backoff. A refused value splits the group in halves until the attempt is found; that is written with less of its content,
 *   and retried like `busy` if it is still refused. So no attempt blocks another.
 *
 * The worker claims nothing more while `backlog` or `backlogBytes` is too large.
 */
export class Settler {
  readonly #db: PrismaClientLike
  readonly #vault: Vault
  readonly #turns: Turns
  readonly #instruments: Instruments
  readonly #isDraining: () => boolean
  readonly #onSettled: (settlement: Settlement, verdict: Verdict) => void
  readonly #onError: (error: unknown, failures: number) => number
  readonly #loop: Loop
  #waiting: Settlement[] = []
  readonly #busy = new Set<Settlement>()
  #abandoned = false
  #written: (() => void)[] = []
  #writeMs = 0
  #waitingBytes = 0

  /**
   * @param turns - taken with the claims of a busy worker
   * @param isDraining - whether more is due than the worker holds: then it is not by one attempt that anybody waits
   */
  constructor(
    db: PrismaClientLike,
    vault: Vault,
    turns: Turns,
    instruments: Instruments,
    isDraining: () => boolean,
    onSettled: (settlement: Settlement, verdict: Verdict) => void,
    onError: (error: unknown, failures: number) => number,
  ) {
    this.#db = db
    this.#vault = vault
    this.#turns = turns
    this.#instruments = instruments
    this.#isDraining = isDraining
    this.#onSettled = onSettled
    this.#onError = onError
    this.#loop = new Loop(() => this.#flush(), onError)
  }

  /** How many finished attempts are not written yet. */
  get backlog(): number {
    return this.#waiting.length + this.#busy.size
  }

  /** Bytes of their bodies, but for those that somebody else has locked: they are few. */
  get backlogBytes(): number {
    return this.#waitingBytes
  }

  /** The requests whose attempts are not written yet. */
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

  /** Gives up on what is not written. Returns how many attempts that are. */
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
    const groups = takeGroups(this.#waiting)
    const written = await this.#turns.take(() => Promise.allSettled(groups.map((group) => this.#writeGroup(group))))
    this.#writeMs = monotonicMs() - startedAtMs
    for (const resolve of this.#written.splice(0)) resolve()
    for (const result of written) if (result.status === 'rejected') throw result.reason
    return 0
  }

  async #writeGroup(group: Settlement[]): Promise<void> {
    const fromMs = monotonicMs()
    const verdicts = await this.#write(group)
    const durationMs = monotonicMs() - fromMs
    this.#instruments.tell((observer) => observer.settled(durationMs))
    this.#waiting = this.#waiting.filter((settlement) => !verdicts.has(settlement))
    for (const [settlement, verdict] of verdicts) {
      this.#waitingBytes -= bytesOf(settlement)
      if (verdict === 'busy') this.#addAgainLater(settlement)
      else this.#onSettled(settlement, verdict)
    }
  }

  /**
   * Few large groups take the database less time than many small ones, so a group waits while others join it quickly. A
   * group with an ordered request waits once only: the rest of its line is blocked.
   */
  async #gathered(): Promise<void> {
    const untilMs = monotonicMs() + clamp(this.#writeMs, GATHER_MS.least, GATHER_MS.most)
    let before: number
    do {
      before = this.#waiting.length
      if (before >= GROUP_SIZE || this.#waitingBytes >= GROUP_BYTES) return
      await sleep(FLUSH_MS)
      const isJoined = this.#isDraining() || this.#waiting.length >= before + JOINING
      if (!isJoined || this.#waiting.some(({ claim }) => claim.ordered)) return
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

  /** Empties the bodies of old attempts: there may be a hundred thousand, and they are of little use. */
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

  /** Splits a refused group, so that one attempt neither blocks the others nor loses its own outcome. */
  async #writeApart(group: Settlement[], error: unknown): Promise<Map<Settlement, Verdict>> {
    const [only] = group
    if (only !== undefined && group.length === 1) return new Map([[only, await this.#writeReduced(only, error)]])
    const half = group.length / 2
    const verdicts = await Promise.all([this.#write(group.slice(0, half)), this.#write(group.slice(half))])
    return new Map(verdicts.flatMap((verdict) => [...verdict]))
  }

  /** Writes less of a refused attempt. If even that is refused, such as by a trigger of the user's, it is retried later. */
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

/**
 * The oldest settlements, but no request twice: one statement can change a row only once. Where their bodies fill a group, the
 * next one is written beside it: this process has the one ready while the database writes the other.
 */
function takeGroups(waiting: readonly Settlement[]): Settlement[][] {
  const groups: Settlement[][] = []
  const taken = new Set<string>()
  for (let from = 0; groups.length < WRITES && from < waiting.length; ) {
    const group: Settlement[] = []
    let bytes = 0
    for (; from < waiting.length && group.length < GROUP_SIZE && bytes < GROUP_BYTES; from++) {
      const settlement = waiting[from] as Settlement
      if (taken.has(settlement.claim.id)) continue
      taken.add(settlement.claim.id)
      group.push(settlement)
      bytes += bytesOf(settlement)
    }
    if (group.length > 0) groups.push(group)
    if (bytes < GROUP_BYTES) break
  }
  return groups
}

function bytesOf({ delivery }: Settlement): number {
  return delivery.body?.byteLength ?? 0
}
