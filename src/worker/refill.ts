import { clamp } from '../core/clamp.ts'

/**
 * Freed slots wait this long for company, or as long as the last claim took if that is more: where the database is busy,
 * claims get larger instead of more.
 */
const WAIT_MS = { least: 5, most: 100 }

/** Lets slots that are freed one after the other be filled together. */
export class Refill {
  readonly #refill: () => void
  #timer: NodeJS.Timeout | undefined
  #claimMs = 0

  constructor(refill: () => void) {
    this.#refill = refill
  }

  /** How long the last claim took. */
  claimed(tookMs: number): void {
    this.#claimMs = tookMs
  }

  /** A slot is free. */
  soon(): void {
    this.#timer ??= setTimeout(this.#now, clamp(this.#claimMs, WAIT_MS.least, WAIT_MS.most))
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  readonly #now = () => {
    this.#timer = undefined
    this.#refill()
  }
}
