import type { Delivery } from '../core/attempt.ts'
import { rendererNameOf } from '../core/rendering.ts'
import type { ClaimedRequest } from '../core/request.ts'
import { refuseToSend } from '../core/unsent.ts'
import { requestRow, type Vault } from '../encryption/vault.ts'
import { describe, RequeuestError } from '../errors.ts'
import { monotonicMs } from '../runtime/clock.ts'
import { releaseClaims } from '../store/claims.ts'
import { type PrismaClientLike, withDatabaseErrors } from '../store/db.ts'
import { Bodies } from './bodies.ts'
import { LEASE_GRACE_MS } from './claimer.ts'
import type { DeliverableRequest, Enter, Sender } from './deliver.ts'
import type { Limits } from './limits.ts'
import { databaseMs, type ReadyClaim } from './ready.ts'

/** A request that could not be started within this is given back: its lease might end before its deadline does. */
const LATEST_START_MS = LEASE_GRACE_MS / 2
/** A request that cannot be decrypted is looked at again after this. */
const UNREADABLE_MS = 15_000
/** A request that turned out to go where there is no room is looked at again after this. */
const NO_ROOM_MS = 1000
/** A request whose body the database did not give is looked at again after this. */
const UNREAD_MS = 1000

export interface SendingParts {
  db: PrismaClientLike
  vault: Vault
  deliver: Sender['deliver']
  onError: (error: unknown, failures: number) => number
}

/** Sends what is claimed, or gives it back with its try unspent when this process cannot. */
export class Sending {
  readonly #parts: SendingParts
  readonly #limits: Limits
  readonly #bodies: Bodies

  constructor(parts: SendingParts, limits: Limits) {
    this.#parts = parts
    this.#limits = limits
    this.#bodies = new Bodies(parts.db)
  }

  /** Null when nothing was sent and the claim is given back. Never rejects. */
  async send(ready: ReadyClaim): Promise<Delivery | null> {
    let entered: string | undefined
    const delivery = await this.#send(ready, async (origin) => {
      if (!(await this.#enter(origin))) return false
      entered = origin
      return true
    })
    if (entered !== undefined) this.#limits.left(entered, ready.claim, delivery, databaseMs(ready))
    return delivery
  }

  async #enter(origin: string): Promise<boolean> {
    try {
      return await this.#limits.enter(origin)
    } catch (error) {
      this.#parts.onError(error, 1)
      return false
    }
  }

  async #send({ claim, askedAtMs }: ReadyClaim, enter: Enter): Promise<Delivery | null> {
    const whole = claim.unreadBytes > 0 ? await this.#read(claim) : claim
    if (whole === null) return null
    if (monotonicMs() - askedAtMs > LATEST_START_MS) return this.release(claim)
    let request: DeliverableRequest
    try {
      request = this.#parts.vault.read(requestRow(claim.id), whole)
    } catch (error) {
      // This worker lacks the key. Another may have it.
      this.#parts.onError(error, 1)
      return this.release(claim, UNREADABLE_MS)
    }
    const result = refuseToSend(claim) ?? (await this.#parts.deliver(request, enter))
    if ('outcome' in result) return result
    if (result.postponed === 'no_room') return this.release(claim, NO_ROOM_MS)
    this.#closeLane(claim)
    return this.release(claim)
  }

  /** The claim with its body. Null when there is none to be sent: the request was deleted, or cannot be read now. */
  async #read(claim: ClaimedRequest): Promise<ClaimedRequest | null> {
    try {
      return await this.#bodies.read(claim)
    } catch (error) {
      this.#parts.onError(error, 1)
      return this.release(claim, UNREAD_MS)
    }
  }

  /** Only a process that has the renderer can send what it makes. */
  #closeLane({ url, origin }: ClaimedRequest): void {
    if (!this.#limits.origins.close(origin)) return
    const name = describe(rendererNameOf(url))
    const message = `This process has no renderer ${name}, so it leaves such requests to others.`
    this.#parts.onError(new RequeuestError('renderer_missing', message), 1)
  }

  /** Gives a claim back with its try unspent, to be claimed again at once or after a while. Never rejects. */
  async release(claim: ClaimedRequest, delayMs: number | null = null): Promise<null> {
    const { db, onError } = this.#parts
    await withDatabaseErrors(() => releaseClaims(db, [claim], delayMs)).catch((error) => onError(error, 1))
    return null
  }
}
