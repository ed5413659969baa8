import { requestRow, type Vault } from '../encryption/vault.ts'
import { describe, RequeuestError } from '../errors.ts'
import type { Limiter } from '../limits/limiter.ts'
import { isToBeRendered, rendererNameOf } from '../message/rendering.ts'
import type { Delivery } from '../policy/attempt.ts'
import { databaseMs, type HeldClaim, LEASE_GRACE_MS } from '../policy/held-claim.ts'
import type { Quota } from '../policy/quota.ts'
import type { ClaimedRequest } from '../policy/request.ts'
import { refuseToSend } from '../policy/unsent.ts'
import { monotonicMs } from '../runtime/clock.ts'
import type { PrismaClientLike } from '../store/db.ts'
import { BodyLoader } from './body-loader.ts'
import { Exhaustion } from './exhaustion.ts'
import type { Gate, Postponed } from './gate.ts'
import { GivingBack } from './giving-back.ts'
import type { DeliverableRequest, Sender } from './sender.ts'
import { Unreadable } from './unreadable.ts'

/** A request that could not be started within this is given back: its lease might end before its deadline does. */
const LATEST_START_MS = LEASE_GRACE_MS / 2
/** Where more renderers are missing than can be remembered, a request of one is looked at again after this. */
const NO_RENDERER_MS = 15_000
/** A request that turned out to go where there is no room is looked at again after this. */
const NO_ROOM_MS = 1000
/** A request whose body the database did not give, or for which there is no memory now, is looked at again after this. */
const UNREAD_MS = 1000

export interface ExecutorParts {
  db: PrismaClientLike
  vault: Vault
  sender: Pick<Sender, 'deliver' | 'makeAndDeliver'>
  quota: Pick<Quota, 'endsByMs'>
  onError: (error: unknown, failures: number) => number
}

/** Sends what is claimed, or gives it back with its attempt unspent when this process cannot. */
export class Executor {
  readonly #parts: ExecutorParts
  readonly #limits: Limiter
  readonly #bodies: BodyLoader
  readonly #exhaustion: Exhaustion
  /** What this process cannot decrypt. */
  readonly unreadable: Unreadable
  readonly #givingBack: GivingBack

  constructor(parts: ExecutorParts, limits: Limiter) {
    this.#parts = parts
    this.#limits = limits
    this.#bodies = new BodyLoader(parts.db)
    this.#exhaustion = new Exhaustion(parts.onError)
    this.unreadable = new Unreadable(parts.onError)
    this.#givingBack = new GivingBack(parts.db, parts.onError)
  }

  /** Null when nothing was sent and the claim is given back. Never rejects. */
  send(held: HeldClaim): Promise<Delivery | null> {
    const refused = refuseToSend(held.claim)
    if (refused) return Promise.resolve(refused)
    return held.claim.unreadBytes > 0 ? this.#readAndSend(held) : this.#send(held)
  }

  /** Nothing is sent when the request was deleted meanwhile, or its body cannot be read now. */
  async #readAndSend(held: HeldClaim): Promise<Delivery | null> {
    const { claim } = held
    if (!this.#bodies.hold(claim)) return this.release(claim, UNREAD_MS)
    try {
      const whole = await this.#bodies.read(claim)
      return whole && (await this.#send({ ...held, claim: whole }))
    } catch (error) {
      this.#parts.onError(error, 1)
      return this.release(claim, UNREAD_MS)
    } finally {
      this.#bodies.drop(claim)
    }
  }

  #send(held: HeldClaim): Promise<Delivery | null> {
    const { claim, askedAtMs } = held
    const nowMs = monotonicMs()
    const isLate = nowMs - askedAtMs > LATEST_START_MS || nowMs + claim.timeoutMs > this.#parts.quota.endsByMs
    if (isLate) return this.release(claim)
    let request: DeliverableRequest
    try {
      request = this.#parts.vault.read(requestRow(claim.id), claim)
    } catch (error) {
      // This worker lacks the key. Another may have it.
      return this.release(claim, this.unreadable.met(claim.encryptionKey ?? '', error))
    }
    return this.#deliver(held, request)
  }

  async #deliver(held: HeldClaim, request: DeliverableRequest): Promise<Delivery | null> {
    const { sender } = this.#parts
    const { claim, trace } = held
    const gate = this.#gate(held)
    const make = isToBeRendered(claim.url)
    const sent = await (make ? sender.makeAndDeliver(request, gate, trace) : sender.deliver(request, gate, trace))
    return 'outcome' in sent ? sent : this.#postpone(claim, sent)
  }

  #gate(held: HeldClaim): Gate {
    const { accept, retry } = held.claim
    return {
      enter: (origin) => this.#enter(origin),
      left: (origin, delivery, accepted = accept) =>
        this.#limits.left(origin, { accept: accepted, retry }, delivery, databaseMs(held)),
    }
  }

  async #postpone(claim: ClaimedRequest, reason: Postponed): Promise<null> {
    if (reason.postponed === 'no_room') return this.release(claim, NO_ROOM_MS)
    if (reason.postponed === 'exhausted') await this.#exhaustion.wait(reason.cause)
    else if (!this.#closeLane(claim)) return this.release(claim, NO_RENDERER_MS)
    return this.release(claim)
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
      const message = `This process has no renderer ${name} and leaves its requests to other workers: register it with renderer().`
      this.#parts.onError(new RequeuestError('renderer_missing', message), 1)
    }
    return closed !== null
  }

  /** Gives a claim back with its attempt unspent, to be claimed again at once or after a while. Never rejects. */
  async release(claim: ClaimedRequest, delayMs: number | null = null): Promise<null> {
    await this.#givingBack.give(claim, delayMs)
    return null
  }
}
