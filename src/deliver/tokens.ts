import type { ExchangeResult } from '../net/exchange.ts'
import type { OutgoingRequest } from '../net/outgoing.ts'
import { monotonicMs } from '../runtime/clock.ts'

/**
 * Sends a request of the library's own, under the rules and limits that hold for the caller's. Rejects with an error that is to be
 * passed on when it may not be sent now.
 */
export type Reach = (request: OutgoingRequest, timeoutMs: number) => Promise<ExchangeResult>

export interface Token {
  value: string
  /** For how long it may be used; null until it is refused. */
  lifeMs: number | null
}

/** Gets a token. */
export type TokenSource = (reach: Reach) => Promise<Token>

/** Limits the wait for a token, since all others wait for the same one. */
const LONGEST_WAIT_MS = 30_000
/** Before its end a token may be refused by a clock that runs ahead. Half of a short life is for using it. */
const LEEWAY_MS = 30_000
/** Requests that are remembered; beyond that the oldest are forgotten. */
const REMEMBERED = 1000

/** A token that is kept until it ends or is refused, and that is asked for once whoever needs it. */
export class Tokens {
  readonly #source: TokenSource
  #current: { value: string; untilMs: number } | undefined
  #coming: Promise<string> | undefined
  /** Requests that were refused and have had their attempt with a new token. */
  readonly #refused = new Set<string>()

  constructor(source: TokenSource) {
    this.#source = source
  }

  get(reach: Reach): Promise<string> {
    if (this.#current && monotonicMs() < this.#current.untilMs) return Promise.resolve(this.#current.value)
    this.#coming ??= this.#ask(reach).finally(() => {
      this.#coming = undefined
    })
    return this.#coming
  }

  /**
   * A request was answered that had this token.
   *
   * @returns whether a new token may help, so that it shall be sent again at once. That is so once, until it gets another
   *   answer: somebody may be refused for another reason.
   */
  answered(requestId: string, token: string, status: number): boolean {
    if (status !== 401) {
      this.#refused.delete(requestId)
      return false
    }
    if (this.#current?.value === token) this.#current = undefined
    if (this.#refused.has(requestId)) return false
    const [oldest] = this.#refused
    if (this.#refused.size >= REMEMBERED && oldest !== undefined) this.#refused.delete(oldest)
    this.#refused.add(requestId)
    return true
  }

  async #ask(reach: Reach): Promise<string> {
    const askedAtMs = monotonicMs()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(unauthorized('no token came in time')), LONGEST_WAIT_MS)
    })
    const { value, lifeMs } = await Promise.race([this.#source(reach), late]).finally(() => clearTimeout(timer))
    // What goes into a header, and no more of it than servers take.
    if (typeof value !== 'string' || !/^[\x21-\x7e]{1,16384}$/.test(value)) {
      throw unauthorized('the token is no text of visible ASCII characters')
    }
    const usableMs = lifeMs === null ? Number.POSITIVE_INFINITY : Math.max(lifeMs - LEEWAY_MS, lifeMs / 2)
    this.#current = { value, untilMs: askedAtMs + usableMs }
    return value
  }
}

/** There is no token to send it with. */
export function unauthorized(reason: string): Error {
  return Object.assign(new Error(reason), { code: 'ERR_REQUEUEST_AUTH' })
}
