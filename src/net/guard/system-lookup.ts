import { type LookupAddress, lookup } from 'node:dns'
import { promisify } from 'node:util'

type Ask = (host: string) => Promise<LookupAddress[]>

interface Waiting {
  host: string
  resolve: (addresses: Promise<LookupAddress[]>) => void
  timer: NodeJS.Timeout
}

const lookupAll = promisify(lookup)
/** A connection that is to be made waits for 10 s in all. */
const LONGEST_WAIT_MS = 8000
/** Names that are remembered; beyond that the oldest are forgotten. */
const REMEMBERED = 1000

/**
 * Asks the system's resolver, which knows more names than the name servers do, but keeps one of Node's few threads for as long
 * as it takes. So one name is asked for at a time, and another one beside it if that was found before: names that were made
 * up to take long hold up neither those nor the application's own work.
 */
export class SystemLookup {
  readonly #ask: Ask
  readonly #found = new Set<string>()
  #waiting: Waiting[] = []
  #running = 0

  constructor(ask: Ask = (host) => lookupAll(host, { all: true })) {
    this.#ask = ask
  }

  find(host: string): Promise<LookupAddress[]> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting = this.#waiting.filter((each) => each !== waiting)
        reject(busy(host))
      }, LONGEST_WAIT_MS)
      const waiting = { host, resolve, timer }
      this.#waiting.push(waiting)
      this.#next()
    })
  }

  #next(): void {
    const isNext = ({ host }: Waiting) => this.#running === 0 || (this.#running === 1 && this.#found.has(host))
    const index = this.#waiting.findIndex(isNext)
    const [next] = index < 0 ? [] : this.#waiting.splice(index, 1)
    if (!next) return
    clearTimeout(next.timer)
    this.#running++
    const found = this.#ask(next.host).finally(() => {
      this.#running--
      this.#next()
    })
    found.then(() => this.#remember(next.host)).catch(() => this.#found.delete(next.host))
    next.resolve(found)
  }

  #remember(host: string): void {
    this.#found.add(host)
    const [oldest] = this.#found
    if (this.#found.size > REMEMBERED && oldest !== undefined) this.#found.delete(oldest)
  }
}

function busy(host: string): Error {
  const message = `the system's resolver is busy with other names than ${host}`
  return Object.assign(new Error(message), { code: 'EAI_AGAIN' })
}
