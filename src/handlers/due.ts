import { type RetryPolicy, retryDelayMs } from '../policy/retry-policy.ts'
import { Loop } from '../runtime/loop.ts'
import { type PrismaClientLike, withDatabaseErrors } from '../store/db.ts'
import { findDueHandling, postponeHandling, takeDueHandling } from '../store/handlers.ts'
import type { Handler, Handlers } from './registry.ts'
import type { Slots } from './slots.ts'
import { handle, inOpenTransaction } from './transaction.ts'

/** Between two looks at what is due in a channel. */
const EVERY_MS = 1000
const SLOT_WAIT_MS = 60_000
/** Runs of one look. */
const AT_ONCE = 2

export interface DueHandlersParts {
  db: PrismaClientLike
  handlers: Handlers
  slots: Slots
  /** How long to wait after a handler has failed. */
  retry: RetryPolicy
  random: () => number
  onError: (error: unknown, failures: number) => number
}

/**
 * Runs handlers for requests that became final without them: unsent, in another process, or because the handler failed. Any
 * number of processes may do so at once: the request's row is locked meanwhile.
 */
export class DueHandlers {
  readonly #parts: DueHandlersParts
  readonly #loops: Loop[]
  readonly #stopping = new AbortController()

  constructor(parts: DueHandlersParts) {
    this.#parts = parts
    this.#loops = [...parts.handlers.values()].map((handler) => new Loop(() => this.#handleAll(handler), parts.onError))
  }

  /** Waits for what runs. */
  async stop(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.stop()))
  }

  /** What still runs is undone, and due again. */
  interrupt(reason: Error): void {
    this.#stopping.abort(reason)
  }

  /** Returns how long to wait until the next time. */
  async #handleAll(handler: Handler): Promise<number> {
    const { db, random } = this.#parts
    const [due] = await withDatabaseErrors(() => findDueHandling(db, handler.channel))
    if (!due) return EVERY_MS * (0.5 + random() / 2)
    const found = await Promise.all(Array.from({ length: AT_ONCE }, () => this.#handleOne(handler)))
    return found.some((one) => one) ? 0 : EVERY_MS * (0.5 + random() / 2)
  }

  /** Whether there was one. */
  async #handleOne(handler: Handler): Promise<boolean> {
    const { db, slots, retry, random, onError } = this.#parts
    if (!(await slots.enter(handler.channel, SLOT_WAIT_MS))) return false
    let due: { id: string; failures: number } | undefined
    try {
      await inOpenTransaction(db, handler, async (tx) => {
        due = (await takeDueHandling(tx, handler.channel))[0]
        if (due) await handle(tx, handler, due.id, this.#stopping.signal)
      })
    } catch (error) {
      if (!due) throw error
      if (this.#stopping.signal.aborted) return false
      onError(error, due.failures + 1)
      const { id, failures } = due
      await withDatabaseErrors(() => postponeHandling(db, id, retryDelayMs(retry, failures + 1, random)))
    } finally {
      slots.leave(handler.channel)
    }
    return due !== undefined
  }
}
