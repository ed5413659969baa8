import { DueHandlers, type DueHandlersParts } from './due.ts'
import { HandlingSettler, type HandlingSettlerParts } from './settle.ts'
import { Slots } from './slots.ts'

/** All that runs the handlers of a process. */
export class Handling {
  /** What finished tries are given to. */
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

  /** What runs gets `limitMs`; then it is undone, and due again. */
  async stop(limitMs: number): Promise<void> {
    const stopped = Promise.all([this.settler.stop(limitMs), this.#due.stop(limitMs)])
    await Promise.race([stopped, this.#abandoned])
  }

  /** Gives up on what is not written. Returns how much that is. */
  abandon(): number {
    this.#abandon()
    return this.settler.size
  }
}
