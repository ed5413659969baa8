import { attemptRow, type Vault } from '../encryption/vault.ts'
import type { PrismaClientLike } from '../store/db.ts'
import { type Settlement, settleClaims, type Verdict } from '../store/settlements.ts'
import type { Handler, Handlers } from './registry.ts'
import type { Slots } from './slots.ts'
import { handle, inOpenTransaction } from './transaction.ts'

/** A lease outlives the deadline of its request by more than this. */
const LONGEST_WAIT_MS = 5000
/** More do not wait in one channel: its handler is slow. */
const MOST_WAITING = 20

/** Where finished attempts go that need no handler, or not now: they are written all the same, marked as due to be handled. */
interface PlainSettler {
  readonly backlog: number
  readonly backlogBytes: number
  readonly requestIds: string[]
  add(settlement: Settlement): void
}

export interface HandlingSettlerParts {
  db: PrismaClientLike
  vault: Vault
  handlers: Handlers
  slots: Slots
  settler: PlainSettler
  onSettled: (settlement: Settlement, verdict: Verdict) => void
  onError: (error: unknown, failures: number) => number
}

/** Writes an attempt that makes its request final in one transaction with what the channel's handler does. */
export class HandlingSettler {
  readonly #parts: HandlingSettlerParts
  readonly #underWay = new Map<Settlement, Promise<void>>()
  readonly #stopping = new AbortController()

  constructor(parts: HandlingSettlerParts) {
    this.#parts = parts
  }

  /** How many finished attempts wait to be written. Those that wait for their handler are few, and hold nobody up. */
  get backlog(): number {
    return this.#parts.settler.backlog
  }

  /** Bytes of their bodies. */
  get backlogBytes(): number {
    return this.#parts.settler.backlogBytes
  }

  /** The requests whose attempts are not written yet. */
  get requestIds(): string[] {
    const handled = [...this.#underWay.keys()].map((settlement) => settlement.claim.id)
    return [...handled, ...this.#parts.settler.requestIds]
  }

  /** How many are not written that wait for their handler. */
  get size(): number {
    return this.#underWay.size
  }

  add(settlement: Settlement): void {
    const { handlers, slots, settler } = this.#parts
    const { claim, decision } = settlement
    const handler = decision.state === 'pending' ? undefined : handlers.get(claim.channel)
    if (!handler || slots.waitingIn(claim.channel) >= MOST_WAITING) settler.add(settlement)
    else {
      const done = this.#settle(settlement, handler).finally(() => this.#underWay.delete(settlement))
      this.#underWay.set(settlement, done)
    }
  }

  /** Lets no further handler run and waits for those that do. */
  async stop(): Promise<void> {
    this.#parts.slots.close()
    await Promise.all(this.#underWay.values())
  }

  /** Attempts whose handlers still run are written without them. */
  interrupt(reason: Error): void {
    this.#stopping.abort(reason)
  }

  async #settle(settlement: Settlement, handler: Handler): Promise<void> {
    const { slots, settler, onSettled, onError } = this.#parts
    if (!(await slots.enter(handler.channel, LONGEST_WAIT_MS))) return settler.add(settlement)
    try {
      const verdict = await this.#write(settlement, handler)
      if (verdict === 'busy') settler.add(settlement)
      else {
        // Who is told of it may ask what is left.
        this.#underWay.delete(settlement)
        onSettled(settlement, verdict)
      }
    } catch (error) {
      if (!this.#stopping.signal.aborted) onError(error, 1)
      settler.add(settlement)
    } finally {
      slots.leave(handler.channel)
    }
  }

  #write(settlement: Settlement, handler: Handler): Promise<Verdict> {
    const { db, vault } = this.#parts
    const { claim, delivery } = settlement
    const content = vault.seal(attemptRow(claim.id, claim.number), delivery)
    return inOpenTransaction(db, handler, async (tx) => {
      const [unsettled] = await settleClaims(tx, [{ ...settlement, content }])
      if (unsettled) return unsettled.verdict
      await handle(tx, handler, claim.id, this.#stopping.signal)
      return 'settled'
    })
  }
}
