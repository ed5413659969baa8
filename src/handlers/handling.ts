import { DueHandlers, type DueHandlersParts } from './due.ts'
import { HandlingSettler, type HandlingSettlerParts } from './settle.ts'
import { Slots } from './slots.ts'

/**
 * Runs the `onSettled` handlers of a process.
 *
 * - {@link HandlingSettler} stands in front of the settler. An attempt that makes a request of a handled channel final is
 *   written in one transaction with the handler; everything else goes to the settler.
 * - If the handler throws, exceeds its timeout or gets no slot in time, the settler writes the outcome alone and marks the
 *   request as due to be handled (`handlerDueAt`).
 * - {@link DueHandlers} polls for those requests, each in a transaction that locks the row: also those that became final
 *   unsent, or in a process without the handler. A failed run is postponed by the retry policy, without end.
 * - {@link Slots} limits how many handlers run at once, in all and by channel: each holds a connection.
 *
 * So a handler's writes are committed once, with the outcome or later; its other effects may happen more than once.
 */
export class Handling {
  /** What finished attempts are given to. */
  readonly settler: HandlingSettler
  readonly #due: DueHandlers
  readonly #abandoned: Promise<void>
  #abandon: () => void = () => {}

  constructor(parts: Omit<HandlingSettlerParts & DueHandlersParts, 'slots'>) {
    const slots = new Slots()
    this.settler = new HandlingSettler({ ...parts, slots })
    this.#due = new DueHandlers({ ...parts, slots })
    this.#abandoned = new Promise((resolve) => {
      this.#abandon = resolve
    })
  }

  /** Runs handlers for what became final without them, until `stop()`. */
  start(): void {
    this.#due.start()
  }

  /** As `start()`, for what is due now. See {@link DueHandlers.runOnce}. */
  runOnce(mayTake: (timeoutMs: number) => boolean): Promise<boolean> {
    return this.#due.runOnce(mayTake)
  }

  /** Lets no further handler run and waits for those that do, until `abandon()`. */
  async stop(): Promise<void> {
    const stopped = Promise.all([this.settler.stop(), this.#due.stop()])
    await Promise.race([stopped, this.#abandoned])
  }

  /** What still runs is undone, and due again. */
  interrupt(): void {
    const reason = new Error('the worker is stopped')
    this.settler.interrupt(reason)
    this.#due.interrupt(reason)
  }

  /** Gives up on what is not written. Returns how much that is. */
  abandon(): number {
    this.#abandon()
    return this.settler.size
  }
}
