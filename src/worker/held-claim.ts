import type { ClaimedRequest } from '../core/request.ts'
import { monotonicMs } from '../runtime/clock.ts'

/** A claim that this worker holds, and when it was asked for. */
export interface HeldClaim {
  claim: ClaimedRequest
  askedAtMs: number
}

/** The database's time now. */
export function databaseMs({ claim, askedAtMs }: HeldClaim): number {
  return claim.claimedAtMs + (monotonicMs() - askedAtMs)
}
