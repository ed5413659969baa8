import type { AcceptSet } from '../policy/accept.ts'
import type { Delivery } from '../policy/attempt.ts'

/**
 * What a request passes to go where it was not claimed for: the target of a redirect, the request that a renderer made, or the
 * token endpoint. So limits and breakers apply to each origin by its own responses.
 */
export interface Gate {
  /** Whether one more may go to the origin now; may wait a little for that. Never rejects. Call `left` when it is over. */
  enter(origin: string): Promise<boolean>
  /**
   * @param delivery - what the origin did; null when nothing was sent
   * @param accept - which of its answers are none to blame it for; what the request accepts if left out
   */
  left(origin: string, delivery: Delivery | null, accept?: AcceptSet): void
}

/**
 * A request that was not sent, and whose attempt is unspent: this process has no such renderer, an origin has no room now, or
 * the machine has run out of something.
 */
export type Postponed = { postponed: 'no_renderer' | 'no_room' } | { postponed: 'exhausted'; cause: Error }

/** Ends what leads to a request that is postponed. */
export class PostponedError extends Error {
  readonly reason: Postponed

  constructor(reason: Postponed) {
    super('the request is postponed')
    this.reason = reason
  }
}
