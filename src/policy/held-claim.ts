import { monotonicMs } from '../runtime/clock.ts'
import type { ClaimedRequest } from './request.ts'
import type { AttemptTrace } from './tracing.ts'

/** How long a claim outlives the deadline of its request. */
export const LEASE_GRACE_MS = 30_000

/** A claim that this worker holds, and when it was asked for. */
export interface HeldClaim {
  claim: ClaimedRequest
  askedAtMs: number
  /** Where attempts are traced, from their start on. */
  trace?: AttemptTrace
}

/** The database's time now. */
export function databaseMs({ claim, askedAtMs }: HeldClaim): number {
  return claim.claimedAtMs + (monotonicMs() - askedAtMs)
}
