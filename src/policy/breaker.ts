import { type AcceptSet, isAccepted } from './accept.ts'
import type { Delivery } from './attempt.ts'

/** When a receiver is left alone, and for how long. */
export interface BreakerPolicy {
  /** The part of the requests of `windowMs` that have to fail; above 0 up to 1. */
  readonly failureRate: number
  /** How many requests there have to be for that. */
  readonly minRequests: number
  readonly windowMs: number
  /** How long it is left alone at first; twice as long each time that it fails again. */
  readonly openMs: number
  readonly maxOpenMs: number
}

/** Into how many parts the window is cut, which go out of it one after another. */
const PARTS = 10

interface Part {
  number: number
  all: number
  failed: number
}

/** Counts what became of the requests to one receiver, and says when there were too many failures. */
export class FailureWindow {
  readonly #policy: BreakerPolicy
  #parts: Part[] = []

  constructor(policy: BreakerPolicy) {
    this.#policy = policy
  }

  /** @returns whether the receiver shall be left alone from now on */
  record(failed: boolean, nowMs: number): boolean {
    const part = this.#part(Math.floor((nowMs * PARTS) / this.#policy.windowMs))
    part.all += 1
    if (!failed) return false
    part.failed += 1
    const all = this.#parts.reduce((sum, part) => sum + part.all, 0)
    const failures = this.#parts.reduce((sum, part) => sum + part.failed, 0)
    return all >= this.#policy.minRequests && failures >= all * this.#policy.failureRate
  }

  #part(number: number): Part {
    const last = this.#parts.at(-1)
    if (last?.number === number) return last
    const part = { number, all: 0, failed: 0 }
    this.#parts = [...this.#parts.filter((each) => each.number > number - PARTS), part]
    return part
  }
}

/**
 * Whether an attempt says that its receiver is not well: it did not answer, answered with a server error, or asked for less.
 * Null when nothing was sent, or nobody waited for the answer. What the request accepts is no failure.
 */
export function isFailure(accept: AcceptSet, { outcome, status }: Delivery): boolean | null {
  if (outcome === 'timeout' || outcome === 'network_error') return true
  if (outcome !== 'response') return null
  return status !== null && (status >= 500 || status === 429) && !isAccepted(accept, status)
}
