import type { Delivery } from '../policy/attempt.ts'
import type { Gate } from './gate.ts'

/** The origins that one request goes to, one after another, and what each of them did. */
export class Hops {
  readonly #first: string
  readonly #gate: Gate
  readonly #answers = new Map<string, Delivery | null>()

  /** @param first - where it goes first, for which there is room already */
  constructor(first: string, gate: Gate) {
    this.#first = first
    this.#gate = gate
  }

  /** Whether it may go on to there. */
  async enter(origin: string): Promise<boolean> {
    if (origin === this.#first || this.#answers.has(origin)) return true
    if (!(await this.#gate.enter(origin))) return false
    this.#answers.set(origin, null)
    return true
  }

  answered(origin: string, delivery: Delivery): void {
    this.#answers.set(origin, delivery)
  }

  /** The result of all, which tells what the first one did if that is something else. */
  ended(delivery: Delivery): Delivery {
    const ofOrigin = this.#answers.get(this.#first)
    return ofOrigin && ofOrigin !== delivery ? { ...delivery, ofOrigin } : delivery
  }

  leave(): void {
    for (const [origin, delivery] of this.#answers) if (origin !== this.#first) this.#gate.left(origin, delivery)
  }
}
