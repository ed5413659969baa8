/** A connection that may be used again. */
export interface Connection {
  disconnect(): void
}

/** Half of the descriptors that most systems give a process. */
const MOST = 512
/** Of requests that go to many receivers in turns, each is to find the connection of the one before. */
const KEPT_PER_REQUEST = 2

/**
 * The connections that are kept for later requests, of all origins together. However many receivers ask for theirs to be kept,
 * what the application can open remains: the one that was used least lately is closed.
 */
export class IdleConnections {
  #most: number
  readonly #kept = new Set<Connection>()

  constructor(most = MOST) {
    this.#most = most
  }

  /** So many requests may be under way at once: what is kept is enough for them. */
  expect(requests: number): void {
    this.#most = Math.max(this.#most, requests * KEPT_PER_REQUEST)
  }

  /** It is not in use. */
  keep(connection: Connection): void {
    this.#kept.add(connection)
    const [oldest] = this.#kept
    if (this.#kept.size <= this.#most || !oldest) return
    this.#kept.delete(oldest)
    oldest.disconnect()
  }

  /** It is in use, or closed. */
  drop(connection: Connection): void {
    this.#kept.delete(connection)
  }

  /** Something cannot be opened, because too much is. */
  closeAll(): void {
    for (const connection of this.#kept) connection.disconnect()
    this.#kept.clear()
  }
}
