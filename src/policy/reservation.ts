import type { ClaimedRequest } from './request.ts'

/** A slot of a worker in this process, kept for a request while it is written. One of the methods is called, once. */
export interface Reservation {
  readonly workerId: string
  /** How long the lease outlives the request's timeout. */
  readonly graceMs: number
  /** It is written, as claimed. */
  take(claim: ClaimedRequest): Promise<void>
  /** It was there before, or paused, or the answer did not come. Should it be claimed for this worker, it is given back. */
  cancel(): void
}

export type Reservable = Pick<ClaimedRequest, 'id' | 'channel' | 'origin'>

/** Keeps a slot, if a worker in this process would claim the request as soon as it is there. */
export type Reserve = (request: Reservable) => Reservation | null
