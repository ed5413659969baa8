import type { Delivery } from '../core/attempt.ts'
import { isToBeRendered, rendererNameOf } from '../core/rendering.ts'
import type { ClaimedRequest } from '../core/request.ts'
import { refuseToSend } from '../core/unsent.ts'
import { requestRow, type Vault } from '../encryption/vault.ts'
import { describe, RequeuestError } from '../errors.ts'
import { monotonicMs } from '../runtime/clock.ts'
import type { PrismaClientLike } from '../store/db.ts'
import { Bodies } from './bodies.ts'
import { LEASE_GRACE_MS } from './claimer.ts'
import type { DeliverableRequest, Enter, Sender } from './deliver.ts'
import { GivingBack } from './giving-back.ts'
import type { Limits } from './limits.ts'
import { databaseMs, type ReadyClaim } from './ready.ts'
import type { Postponed } from './rendered.ts'
import { Unreadable } from './unreadable.ts'

/** A request that could not be started within this is given back: its lease might end before its deadline does. */
const LATEST_START_MS = LEASE_GRACE_MS / 2
/** Where more renderers are missing than can be remembered, a request of one is looked at again after this. */
const NO_RENDERER_MS = 15_000
/** A request that turned out to go where there is no room is looked at again after this. */
const NO_ROOM_MS = 1000
/** A request whose body the database did not give is looked at again after this. */
const UNREAD_MS = 1000

export interface SendingParts {
  db: PrismaClientLike
  vault: Vault
  sender: Pick<Sender, 'deliver' | 'makeAndDeliver'>
  onError: (error: unknown, failures: number) => number
}

/** Sends what is claimed, or gives it back with its try unspent when this process cannot. */
export class Sending {
  readonly #parts: SendingParts
  readonly #limits: Limits
  readonly #bodies: Bodies
  /** What this process cannot decrypt. */
  readonly unreadable: Unreadable
  readonly #givingBack: GivingBack

  constructor(parts: SendingParts, limits: Limits) {
    this.#parts = parts
    this.#limits = limits
    this.#bodies = new Bodies(parts.db)
    this.unreadable = new Unreadable(parts.onError)
    this.#givingBack = new GivingBack(parts.db, parts.onError)
  }

  /** Null when nothing was sent and the claim is given back. Never rejects. */
  send(ready: ReadyClaim): Promise<Delivery | null> {
    return ready.claim.unreadBytes > 0 ? this.#readAndSend(ready) : this.#send(ready)
  }

  /** Nothing is sent when the request was deleted meanwhile, or its body cannot be read now. */
  async #readAndSend({ claim, askedAtMs }: ReadyClaim): Promise<Delivery | null> {
    try {
      const whole = await this.#bodies.read(claim)
      return whole && (await this.#send({ claim: whole, askedAtMs }))
    } catch (error) {
      this.#parts.onError(error, 1)
      return this.release(claim, UNREAD_MS)
    }
  }

  #send(ready: ReadyClaim): Promise<Delivery | null> {
    const { claim, askedAtMs } = ready
    if (monotonicMs() - askedAtMs > LATEST_START_MS) return this.release(claim)
    let request: DeliverableRequest
    try {
      request = this.#parts.vault.read(requestRow(claim.id), claim)
    } catch (error) {
      // This worker lacks the key. Another may have it.
      return this.release(claim, this.unreadable.met(claim.encryptionKey as string, error))
    }
    const refused = refuseToSend(claim)
    if (refused) return Promise.resolve(refused)
    return isToBeRendered(claim.url) ? this.#makeAndSend(ready, request) : this.#parts.sender.deliver(request)
  }

  async #makeAndSend(ready: ReadyClaim, request: DeliverableRequest): Promise<Delivery | null> {
    const { claim } = ready
    let entered: string | undefined
    const enter: Enter = async (origin) => {
      if (!(await this.#enter(origin))) return false
      entered = origin
      return true
    }
    const result = await this.#parts.sender.makeAndDeliver(request, enter)
    const delivery = 'outcome' in result ? result : await this.#postpone(claim, result)
    if (entered !== undefined) this.#limits.left(entered, claim, delivery, databaseMs(ready))
    return delivery
  }

  #postpone(claim: ClaimedRequest, { postponed }: Postponed): Promise<null> {
    if (postponed === 'no_room') return this.release(claim, NO_ROOM_MS)
    return this.release(claim, this.#closeLane(claim) ? null : NO_RENDERER_MS)
  }

  async #enter(origin: string): Promise<boolean> {
    try {
      return await this.#limits.enter(origin)
    } catch (error) {
      this.#parts.onError(error, 1)
      return false
    }
  }

  /** Only a process that has the renderer can send what it makes. Returns whether it is remembered. */
  #closeLane({ url }: ClaimedRequest): boolean {
    const closed = this.#limits.origins.close(url)
    if (closed === 'new') {
      const name = describe(rendererNameOf(url))
      const message = `This process has no renderer ${name}, so it leaves such requests to others.`
      this.#parts.onError(new RequeuestError('renderer_missing', message), 1)
    }
    return closed !== null
  }

  /** Gives a claim back with its try unspent, to be claimed again at once or after a while. Never rejects. */
  async release(claim: ClaimedRequest, delayMs: number | null = null): Promise<null> {
    await this.#givingBack.give(claim, delayMs)
    return null
  }
}
