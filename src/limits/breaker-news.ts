import type { RequeuestError } from '../errors.ts'
import { isForGood, isLocked } from '../store/db.ts'

interface Item {
  origin: string
  write: () => Promise<void>
}

/**
 * What a worker has found out about origins and must write, so that other workers know. It is written in the background, one item
 * after another, and blocks nothing: what fails for now is retried the next time, and what the database refuses is dropped.
 */
export class BreakerNews {
  readonly #onError: (error: unknown, failures: number) => number
  /** By kind and origin: of several that were not written in time, the last one counts. */
  readonly #items = new Map<string, Item>()
  /** Origins that were written since the last `write()`: what was read meanwhile may be older. */
  readonly #written = new Set<string>()
  #writing: Promise<void> | undefined

  constructor(onError: (error: unknown, failures: number) => number) {
    this.#onError = onError
  }

  add(origin: string, kind: 'breaker' | 'retry', write: () => Promise<void>): void {
    this.#items.set(`${kind} ${origin}`, { origin, write })
  }

  /** Whether this worker knows more of the origin than was read after the last `write()`. */
  isAhead(origin: string): boolean {
    return this.#written.has(origin) || this.#items.has(`breaker ${origin}`) || this.#items.has(`retry ${origin}`)
  }

  /** Attempts to write all once. Never rejects. */
  write(): Promise<void> {
    this.#written.clear()
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined
    })
    return this.#writing
  }

  async #writeAll(): Promise<void> {
    for (const [key, item] of [...this.#items]) {
      const isOver = await this.#write(item)
      if (!isOver || this.#items.get(key) !== item) continue
      this.#items.delete(key)
      this.#written.add(item.origin)
    }
  }

  /** Whether there is nothing more to do about it. */
  async #write({ write }: Item): Promise<boolean> {
    try {
      await write()
      return true
    } catch (error) {
      const { cause } = error as RequeuestError
      if (!isLocked(cause)) this.#onError(error, 1)
      return isForGood(cause)
    }
  }
}
