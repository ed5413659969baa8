import { setTimeout as sleep } from 'node:timers/promises'
import type { Dispatcher } from 'undici'
import { agentFor, sender } from './send.ts'
import { type JobData, jobOf, type OpenSystem, type System, type Terms } from './system.ts'

/** What is left when nothing is kept anywhere: the ceiling of whoever sends with undici's `request`. */
export const openUndici: OpenSystem = async (terms) => {
  const send = sender(terms)
  return withoutQueue(terms, (data) => send(data, ''))
}

/** Behind `https://`. */
const HOST_AT = 8

/** The same for the cheapest call that undici has. */
export const openUndiciDispatch: OpenSystem = async (terms) => {
  const agent = agentFor(terms)
  return withoutQueue(terms, ({ url, body }) => {
    const headers = ['content-type', 'application/json']
    const pathAt = url.indexOf('/', HOST_AT)
    const [origin, path] = [url.slice(0, pathAt), url.slice(pathAt)]
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

/**
 * As many loops as may be under way, which take the next id until there is none. What fails is sent again when it shall
 * be, in addition to what the loops send: it holds up nobody else.
 */
function withoutQueue(terms: Terms, send: (data: JobData) => Promise<void>): System {
  const { retryAfterMs } = terms
  let running: Promise<unknown> = Promise.resolve()
  let isStopping = false
  const sendAgain = async (data: JobData, afterMs: number) => {
    if (afterMs > 0) await sleep(afterMs)
    if (!isStopping) await sendOne(data)
  }
  const sendOne = async (data: JobData): Promise<void> => {
    try {
      await send(data)
    } catch (error) {
      if (retryAfterMs === null) throw error
      if (retryAfterMs === 0) return sendAgain(data, 0)
      void sendAgain(data, retryAfterMs)
    }
  }
  const none = async () => {}
  return {
    install: none,
    spawn: (id) => sendOne(jobOf(terms, id)),
    spawnMany: none,
    connect: none,
    async start({ from, count }) {
      isStopping = false
      let next = from
      const loop = async () => {
        while (next < from + count) await sendOne(jobOf(terms, next++))
      }
      running = Promise.all(Array.from({ length: terms.concurrency }, loop))
    },
    async stop() {
      isStopping = true
      await running
    },
    verify: none,
    close: none,
  }
}
