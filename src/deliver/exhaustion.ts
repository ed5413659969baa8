import { setTimeout as sleep } from 'node:timers/promises'
import { RequeuestError } from '../errors.ts'
import { monotonicMs } from '../runtime/clock.ts'
import { exhaustedBy } from '../runtime/exhausted.ts'

/** Each cause is reported once in this time, however many requests it keeps from being sent. */
const REPORT_MS = 30_000
/** Until then something may have been closed. */
const WAIT_MS = 1000

/** What to do when this machine has run out of what a connection takes: that is no receiver's failure, and no request's. */
export class Exhaustion {
  readonly #onError: (error: unknown, failures: number) => number
  readonly #toldAtMs = new Map<string, number>()

  constructor(onError: (error: unknown, failures: number) => number) {
    this.#onError = onError
  }

  /** Tells of it and waits. Who keeps a slot meanwhile claims nothing that would go the same way. */
  async wait(cause: Error): Promise<void> {
    const code = exhaustedBy(cause) ?? 'unknown'
    const nowMs = monotonicMs()
    if (nowMs >= (this.#toldAtMs.get(code) ?? Number.NEGATIVE_INFINITY) + REPORT_MS) {
      this.#toldAtMs.set(code, nowMs)
      const message =
        `No more connections can be opened (${code}), so requests wait, with their attempts unspent. ` +
        'Raise the limits of this process or machine (`ulimit -n`), or start it with a smaller `concurrency`.'
      this.#onError(new RequeuestError('resources_exhausted', message, { cause }), 1)
    }
    await sleep(WAIT_MS)
  }
}
