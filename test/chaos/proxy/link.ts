import { connect, type Socket } from 'node:net'
import { ClientMessages, saysCommitted } from './commits.ts'

/** What a link asks of its proxy. */
export interface LinkRules {
  delayMs(): number
  /** Asked once for each COMMIT that passes: whether its answer shall be cut off. */
  takeCommit(): boolean
  /** Such a COMMIT was answered: with `committed` the answer was cut off. */
  commitAnswered(committed: boolean): void
}

/** One client's connection through the proxy. Traffic is small, so nothing is held back for a slow reader. */
export class Link {
  readonly #client: Socket
  readonly #server: Socket
  readonly #rules: LinkRules
  readonly #messages = new ClientMessages()
  #silent: boolean
  #awaitsCommit = false

  constructor(client: Socket, port: number, silent: boolean, rules: LinkRules, onClosed: () => void) {
    this.#client = client
    this.#server = connect(port, '127.0.0.1')
    this.#rules = rules
    this.#silent = silent
    const up = this.#pipe(this.#server)
    const down = this.#pipe(this.#client)
    client.on('data', (chunk) => {
      if (this.#messages.push(chunk) && !this.#silent) this.#awaitsCommit = rules.takeCommit()
      up(chunk)
    })
    this.#server.on('data', (chunk) => {
      if (!this.#cutsOff(chunk)) down(chunk)
    })
    for (const socket of [client, this.#server]) socket.setNoDelay(true).on('error', () => {})
    client.on('close', () => {
      this.#server.destroy()
      onClosed()
    })
    // To a client whose link is silent nothing may tell that the other end is gone.
    this.#server.on('close', () => {
      if (!this.#silent) this.#client.destroy()
    })
  }

  /** From now on neither end hears of the other, not even that it is gone. */
  silence(): void {
    this.#silent = true
  }

  /** The server finds out that a silent link is dead. The client does not. */
  severServer(): void {
    if (this.#silent) this.#server.destroy()
  }

  cut(how: 'cut' | 'reset'): void {
    if (this.#silent) return
    for (const socket of [this.#client, this.#server]) how === 'cut' ? socket.end() : socket.resetAndDestroy()
  }

  destroy(): void {
    this.#client.destroy()
    this.#server.destroy()
  }

  /** The transaction is committed, and its client will not hear of it. */
  #cutsOff(answer: Buffer): boolean {
    if (!this.#awaitsCommit) return false
    this.#awaitsCommit = false
    const committed = saysCommitted(answer)
    this.#rules.commitAnswered(committed)
    if (committed) this.cut('reset')
    return committed
  }

  /** Writes in order, however the delay changes meanwhile. */
  #pipe(to: Socket): (chunk: Buffer) => void {
    const queue: { chunk: Buffer; dueAt: number }[] = []
    const write = (chunk: Buffer) => {
      if (!this.#silent && to.writable) to.write(chunk)
    }
    const next = () => {
      const head = queue[0]
      if (!head) return
      const waitMs = head.dueAt - performance.now()
      if (waitMs > 0) {
        setTimeout(next, waitMs)
        return
      }
      queue.shift()
      write(head.chunk)
      next()
    }
    return (chunk) => {
      const delayMs = this.#rules.delayMs()
      if (delayMs === 0 && queue.length === 0) return write(chunk)
      queue.push({ chunk, dueAt: performance.now() + delayMs })
      if (queue.length === 1) next()
    }
  }
}
