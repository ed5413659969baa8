import type { RequeuestError } from '../errors.ts'
import { monotonicMs } from '../runtime/clock.ts'
import { isForGood } from '../store/db.ts'

/** A row that the database refuses to change is skipped for so long. */
const LEFT_ALONE_MS = 600_000
/** More are not remembered; the oldest are tried again. */
const REMEMBERED = 1000

/**
 * Changes many rows with one statement, and each half of them if the database refuses that: a trigger or a foreign key of the user's
 * may block one row, but not the others.
 */
export class Apart {
  readonly #onError: (error: unknown, failures: number) => number
  readonly #refused = new Map<string, number>()

  constructor(onError: (error: unknown, failures: number) => number) {
    this.#onError = onError
  }

  /** The rows that are not to be tried for now. */
  get refused(): string[] {
    const nowMs = monotonicMs()
    for (const [id, untilMs] of this.#refused) if (untilMs <= nowMs) this.#refused.delete(id)
    return [...this.#refused.keys()]
  }

  /** Gives the results of all that was done, and reports the first refusal. */
  async run<R>(ids: readonly string[], act: (ids: readonly string[]) => PromiseLike<R>): Promise<R[]> {
    const refusals: unknown[] = []
    const results = await this.#try(ids, act, refusals)
    if (refusals.length > 0) this.#onError(refusals[0], 1)
    return results
  }

  async #try<R>(
    ids: readonly string[],
    act: (ids: readonly string[]) => PromiseLike<R>,
    refusals: unknown[],
  ): Promise<R[]> {
    const [first] = ids
    if (first === undefined) return []
    try {
      return [await act(ids)]
    } catch (error) {
      if (!isForGood((error as RequeuestError).cause)) throw error
      if (ids.length === 1) {
        refusals.push(error)
        this.#leaveAlone(first)
        return []
      }
    }
    const half = Math.ceil(ids.length / 2)
    const before = await this.#try(ids.slice(0, half), act, refusals)
    return [...before, ...(await this.#try(ids.slice(half), act, refusals))]
  }

  #leaveAlone(id: string): void {
    this.#refused.set(id, monotonicMs() + LEFT_ALONE_MS)
    const [oldest] = this.#refused.keys()
    if (this.#refused.size > REMEMBERED && oldest !== undefined) this.#refused.delete(oldest)
  }
}
