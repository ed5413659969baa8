import { setTimeout as sleep } from 'node:timers/promises'
import type { Loop } from '../runtime/loop.ts'
import { steadyLoop } from '../runtime/steady-loop.ts'
import type { ActivityRecorder } from './recorder.ts'

const EVERY_MS = 10_000
/** Up to this much is taken off, so that many processes do not run in step. */
const SPREAD_MS = 2000
const LONGEST_STOP_MS = 1000

/** Has what is counted written every few seconds, and what is left at the end. */
export class Recording {
  readonly #recorder: ActivityRecorder
  readonly #onError: (error: unknown, failures: number) => number
  readonly #loop: Loop

  constructor(recorder: ActivityRecorder, random: () => number, onError: (error: unknown, failures: number) => number) {
    this.#recorder = recorder
    this.#onError = onError
    this.#loop = steadyLoop(
      () => recorder.flush(),
      () => EVERY_MS - SPREAD_MS * random(),
      onError,
    )
  }

  /** If the database does not answer, what is left is lost. */
  async stop(): Promise<void> {
    await Promise.race([this.#end(), sleep(LONGEST_STOP_MS, undefined, { ref: false })])
  }

  async #end(): Promise<void> {
    await this.#loop.stop()
    await this.#recorder.flush().catch((error) => void this.#onError(error, 1))
  }
}
