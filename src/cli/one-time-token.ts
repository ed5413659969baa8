import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Lets in the browser that first comes with the token of the address that was printed, and nobody else: it gets a cookie, and the
 * token is worth nothing from then on. What else runs on the machine can reach the port, but knows neither.
 */
export class OneTimeToken {
  readonly token = randomBytes(24).toString('base64url')
  readonly #session = randomBytes(24).toString('base64url')
  readonly #cookie: string
  #isUsed = false

  /** @param port - of the server: browsers send cookies to all ports of a machine, and there may be another dashboard on it */
  constructor(port: number) {
    this.#cookie = `requeuest_session_${port}`
  }

  /** Sends a browser with the token on, with its cookie. Returns false, and answers nothing, for all others. */
  redeem({ method, url = '/' }: IncomingMessage, response: ServerResponse): boolean {
    // A target such as `//` is no URL, and whoever can reach the port may send any.
    const given = new URLSearchParams(/\?(.*)/s.exec(url)?.[1]).get('token')
    // What shows a preview of an address often asks for no more than its head.
    if (method !== 'GET' || this.#isUsed || given === null || !isSame(given, this.token)) return false
    this.#isUsed = true
    response.writeHead(303, {
      location: '/',
      // Strict cookies would not come along with a redirect that began on another page, such as that of a terminal.
      'set-cookie': `${this.#cookie}=${this.#session}; HttpOnly; SameSite=Lax; Path=/`,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    })
    response.end()
    return true
  }

  isLetIn({ headers }: Request): boolean {
    const cookies = (headers.get('cookie') ?? '').split(/; */).map((cookie) => cookie.split('='))
    return cookies.some(([name, value]) => name === this.#cookie && value !== undefined && isSame(value, this.#session))
  }
}

function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)]
  return one.length === other.length && timingSafeEqual(one, other)
}
