import { setTimeout as sleep } from 'node:timers/promises'

/** What is stuck for so long is not waited for: it may be a lock of somebody else, and concerns itself alone. */
const PATIENCE_MS = 100

/** Work that is done one after another, in the order in which it comes. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()

  /** Does the work when what came before is over, whether it failed or not. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#last
    let done = () => {}
    this.#last = new Promise<void>((resolve) => {
      done = resolve
    })
    const waiting = new AbortController()
    const { signal } = waiting
    const outOfPatience = sleep(PATIENCE_MS, undefined, { ref: false, signal }).catch(() => {})
    await Promise.race([before, outOfPatience])
    waiting.abort()
    try {
      return await work()
    } finally {
      done()
    }
  }
}
