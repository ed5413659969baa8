import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { Link } from './link.ts'

/** Stands in front of a server on loopback and spoils its connections when told to. */
export class TcpProxy {
  readonly #server: Server
  readonly #links = new Set<Link>()
  #delayMs = 0
  #silent = false
  #commitsToCut = 0
  #commitsCut = 0

  private constructor(port: number) {
    const rules = {
      delayMs: () => this.#delayMs,
      takeCommit: () => this.#commitsToCut > 0 && this.#commitsToCut-- > 0,
      commitAnswered: (committed: boolean) => {
        if (committed) this.#commitsCut++
        else this.#commitsToCut++
      },
    }
    this.#server = createServer((client) => {
      const link = new Link(client, port, this.#silent, rules, () => this.#links.delete(link))
      this.#links.add(link)
    })
  }

  /** @param port - of the server that it stands in front of */
  static async open(port: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(port)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** How many answers to COMMIT were cut off so far. */
  get commitsCut(): number {
    return this.#commitsCut
  }

  /** Holds everything back for so long, in both directions. */
  delay(ms: number): void {
    this.#delayMs = ms
  }

  /** Ends every connection: with `cut` in good order, with `reset` by force. */
  cut(how: 'cut' | 'reset'): void {
    for (const link of this.#links) link.cut(how)
  }

  /** Swallows everything on connections old and new, in both directions, without a word. */
  silence(): void {
    this.#silent = true
    for (const link of this.#links) link.silence()
  }

  /** New connections work again, and the server drops those that went silent. Their clients are told nothing. */
  heal(): void {
    this.#silent = false
    for (const link of this.#links) link.severServer()
  }

  /** Cuts the next so many connections that COMMIT, after the transaction is committed and before its answer. */
  cutAfterCommits(count: number): void {
    this.#commitsToCut = count
  }

  async close(): Promise<void> {
    for (const link of this.#links) link.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
