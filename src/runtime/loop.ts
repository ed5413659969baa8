import { Pause } from './clock.ts'

/** Work that repeats until it is stopped. A run that throws is reported and does not end it. */
export class Loop {
  readonly #pause = new Pause()
  readonly #done: Promise<void>
  #stopping = false

  /**
   * @param run - does the work once and says how many milliseconds to wait until the next time
   * @param onError - told what a run threw, and how many runs in a row have now thrown; says how long to wait
   */
  constructor(run: () => Promise<number>, onError: (error: unknown, failures: number) => number) {
    this.#done = this.#repeat(run, onError)
  }

  /** Ends the present wait. */
  wake(): void {
    this.#pause.wake()
  }

  /** Resolves when the present run is over; there will be no other. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#pause.wake()
    await this.#done
  }

  async #repeat(run: () => Promise<number>, onError: (error: unknown, failures: number) => number): Promise<void> {
    let failures = 0
    while (!this.#stopping) {
      let waitMs: number
      try {
        waitMs = await run()
        failures = 0
      } catch (error) {
        waitMs = onError(error, ++failures)
      }
      if (waitMs > 0 && !this.#stopping) await this.#pause.wait(waitMs)
    }
  }
}
