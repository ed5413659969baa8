import { Agent, type Dispatcher } from 'undici'
import { send } from './send.ts'
import { type JobData, jobOf, type OpenSystem, type System, type Terms } from './system.ts'

/** What is left when nothing is kept anywhere: the ceiling of whoever sends with undici's `request`. */
export const openUndici: OpenSystem = async (terms) => withoutQueue(terms, send)

/** The same for the cheapest call that undici has. */
export const openUndiciDispatch: OpenSystem = async (terms) => {
  const agent = new Agent()
  const origin = new URL(terms.targetUrl).origin
  return withoutQueue(terms, ({ url, body }) => {
    const headers = ['content-type', 'application/json']
    const path = url.slice(origin.length)
    return new Promise((resolve, reject) => {
      agent.dispatch({ origin, path, method: 'POST', headers, body }, new Discarding(resolve, reject))
    })
  })
}

class Discarding implements Dispatcher.DispatchHandler {
  readonly #resolve: () => void
  readonly #reject: (error: Error) => void
  #status = 0

  constructor(resolve: () => void, reject: (error: Error) => void) {
    this.#resolve = resolve
    this.#reject = reject
  }

  onRequestStart(): void {}

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.#status = status
  }

  onResponseData(): void {}

  onResponseEnd(): void {
    if (this.#status < 300) this.#resolve()
    else this.#reject(new Error(`status ${this.#status}`))
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#reject(error)
  }
}

/** As many loops as may be under way, which take the next id until there is none. What fails is sent again at once. */
function withoutQueue(terms: Terms, sendOne: (data: JobData) => Promise<void>): System {
  let running: Promise<unknown> = Promise.resolve()
  const sendUntilAccepted = async (data: JobData) => {
    for (;;) {
      try {
        return await sendOne(data)
      } catch (error) {
        if (!terms.retryAtOnce) throw error
      }
    }
  }
  const none = async () => {}
  return {
    install: none,
    spawn: (id) => sendUntilAccepted(jobOf(terms, id)),
    spawnMany: none,
    async start({ from, count }) {
      let next = from
      const loop = async () => {
        while (next < from + count) await sendUntilAccepted(jobOf(terms, next++))
      }
      running = Promise.all(Array.from({ length: terms.concurrency }, loop))
    },
    stop: async () => {
      await running
    },
    verify: none,
    close: none,
  }
}
