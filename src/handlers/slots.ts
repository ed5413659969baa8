/** Runs at once in a process: each holds a connection, and others need some as well. */
const IN_ALL = 6
const PER_CHANNEL = 2
/** For channels that have none running, so that they need not wait for those whose handlers are slow. */
const RESERVED = 2

interface Waiting {
  channel: string
  enter: (entered: boolean) => void
}

/** How many handlers run at once, so that no channel's slow ones take all connections. */
export class Slots {
  readonly #taken = new Map<string, number>()
  /** The channels that had a slot; the one whose turn is the longest ago comes first. */
  readonly #turns = new Set<string>()
  #waiting: Waiting[] = []
  #closed = false

  /** How many wait in this channel. */
  waitingIn(channel: string): number {
    return this.#waiting.filter((one) => one.channel === channel).length
  }

  /** Resolves to true when there is a slot, which then has to be left again, and to false when there was none in time. */
  async enter(channel: string, withinMs: number): Promise<boolean> {
    if (this.#closed) return false
    if (this.#hasRoom(channel)) {
      this.#take(channel)
      return true
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => waiting.enter(false), withinMs)
      const waiting: Waiting = {
        channel,
        enter: (entered) => {
          clearTimeout(timer)
          this.#waiting = this.#waiting.filter((one) => one !== waiting)
          resolve(entered)
        },
      }
      this.#waiting.push(waiting)
    })
  }

  leave(channel: string): void {
    this.#taken.set(channel, this.#takenBy(channel) - 1)
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      this.#take(next.channel)
      next.enter(true)
    }
  }

  /** Lets nobody in any more. */
  close(): void {
    this.#closed = true
    for (const waiting of [...this.#waiting]) waiting.enter(false)
  }

  /** Of the channel whose turn is the longest ago, the one that has waited for the longest. */
  #next(): Waiting | undefined {
    const turns = [...this.#turns]
    const may = this.#waiting.filter(({ channel }) => this.#hasRoom(channel))
    return may.sort((one, other) => turns.indexOf(one.channel) - turns.indexOf(other.channel))[0]
  }

  #hasRoom(channel: string): boolean {
    const inAll = [...this.#taken.values()].reduce((sum, count) => sum + count, 0)
    const own = this.#takenBy(channel)
    return own === 0 ? inAll < IN_ALL : own < PER_CHANNEL && inAll < IN_ALL - RESERVED
  }

  #take(channel: string): void {
    this.#taken.set(channel, this.#takenBy(channel) + 1)
    this.#turns.delete(channel)
    this.#turns.add(channel)
  }

  #takenBy(channel: string): number {
    return this.#taken.get(channel) ?? 0
  }
}
