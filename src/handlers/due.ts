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
  #loops: Loop[] = []
  readonly #stopping = new AbortController()

  constructor(parts: DueHandlersParts) {
    this.#parts = parts
  }

  /** Looks for what is due until `stop()`. */
  start(): void {
    const { handlers, random, onError } = this.#parts
    const handleSome = async (handler: Handler) =>
      (await this.#handleSome(handler)) ? 0 : EVERY_MS * (0.5 + random() / 2)
    this.#loops = [...handlers.values()].map((handler) => new Loop(() => handleSome(handler), onError))
  }

  /**
   * Handles what is due now.
   *
   * @param mayTake - whether there is time for a handler that may take so long
   * @returns whether something was
   */
  async runOnce(mayTake: (timeoutMs: number) => boolean): Promise<boolean> {
    const handleAll = async (handler: Handler) => {
      let found = false
      while (mayTake(handler.timeoutMs) && (await this.#handleSome(handler))) found = true
      return found
    }
    const found = await Promise.all([...this.#parts.handlers.values()].map(handleAll))
    return found.includes(true)
  }

  /** Waits for what runs. */
  async stop(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.stop()))
  }

  /** What still runs is undone, and due again. */
  interrupt(reason: Error): void {
    this.#stopping.abort(reason)
  }

  /** Whether there were any. */
  async #handleSome(handler: Handler): Promise<boolean> {
    const [due] = await withDatabaseErrors(() => findDueHandling(this.#parts.db, handler.channel))
    if (!due) return false
    const found = await Promise.all(Array.from({ length: AT_ONCE }, () => this.#handleOne(handler)))
    return found.includes(true)
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
