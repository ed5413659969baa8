import { DueHandlers, type DueHandlersParts } from './due.ts'
import { HandlingSettler, type HandlingSettlerParts } from './settle.ts'
import { Slots } from './slots.ts'

/** All that runs the handlers of a process. */
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
