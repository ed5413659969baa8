import type { Delivery } from '../core/attempt.ts'
import { decideOutcome } from '../core/outcome.ts'
import type { ClaimedRequest } from '../core/request.ts'
import { refuseToSend, withoutResponse } from '../core/unsent.ts'
import { requestRow, type Vault } from '../encryption/vault.ts'
import { monotonicMs } from '../runtime/clock.ts'
import { releaseClaims } from '../store/claims.ts'
import { type PrismaClientLike, withDatabaseErrors } from '../store/db.ts'
import { LEASE_GRACE_MS } from './claimer.ts'
import type { DeliverableRequest } from './deliver.ts'
import type { ReadyClaim } from './ready.ts'
import type { Settler } from './settle.ts'

/** A request that could not be started within this is given back: its lease might end before its deadline does. */
const LATEST_START_MS = LEASE_GRACE_MS / 2
/** A request that cannot be decrypted is looked at again after this. */
const UNREADABLE_MS = 15_000

export interface TrierParts {
  db: PrismaClientLike
  settler: Settler
  vault: Vault
  deliver: (request: DeliverableRequest) => Promise<Delivery>
  workerId: string
  random: () => number
  onError: (error: unknown, failures: number) => number
}

/** Makes one try of a claimed request, and hands what became of it to the settler. */
export class Trier {
  readonly #parts: TrierParts

  constructor(parts: TrierParts) {
    this.#parts = parts
  }

  /** Null when nothing is sent, and the claim is given back with its try unspent. */
  send({ claim, askedAtMs }: ReadyClaim): Promise<Delivery | null> {
    if (monotonicMs() - askedAtMs > LATEST_START_MS) return this.#release(claim, null)
    let request: DeliverableRequest
    try {
      request = this.#parts.vault.read(requestRow(claim.id), claim)
    } catch (error) {
      // This worker lacks the key. Another may have it.
      this.#parts.onError(error, 1)
      return this.#release(claim, UNREADABLE_MS)
    }
    const refused = refuseToSend(claim)
    return refused ? Promise.resolve(refused) : this.#parts.deliver(request)
  }

  settle(ready: ReadyClaim, delivery: Delivery): void {
    const { settler, workerId, random } = this.#parts
    const { claim } = ready
    const decision = decideOutcome(claim, delivery, databaseMs(ready), random)
    settler.add({ claim, delivery, decision, workerId })
  }

  async #release(claim: ClaimedRequest, delayMs: number | null): Promise<null> {
    const { db, onError } = this.#parts
    await withDatabaseErrors(() => releaseClaims(db, [claim], delayMs)).catch((error) => onError(error, 1))
    return null
  }
}

/** The database's time now. */
export function databaseMs({ claim, askedAtMs }: ReadyClaim): number {
  return claim.claimedAtMs + (monotonicMs() - askedAtMs)
}

/** What becomes of a try that a worker gives up because it stops. */
export function abandoned(durationMs: number): Delivery {
  const message = 'The worker was stopped before the answer came. The request may have been sent.'
  return { ...withoutResponse('abandoned', 'worker_stopped', message), durationMs: Math.round(durationMs) }
}
